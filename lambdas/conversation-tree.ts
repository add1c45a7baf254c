/** What of a turn makes it part of a tree. */
export interface TurnLink {
  readonly turnId: string;
  readonly parentTurnId?: string | undefined;
}

/** The turn with the greatest id: the one that was asked last. */
export const newestOf = <Link extends TurnLink>(turns: readonly Link[]): Link | undefined =>
  turns.reduce<Link | undefined>((newest, turn) => (newest && newest.turnId > turn.turnId ? newest : turn), undefined);

/**
 * The turns from the first one down to `tip`, in the order in which they were asked. It starts later when an ancestor is
 * not among `turns`, since turns expire one by one.
 */
export function pathTo<Link extends TurnLink>(turns: readonly Link[], tip: string | undefined): Link[] {
  const byId = new Map(turns.map(turn => [turn.turnId, turn]));
  const path: Link[] = [];
  let next = tip === undefined ? undefined : byId.get(tip);
  while (next) {
    path.unshift(next);
    byId.delete(next.turnId); // a turn is on a path once
    next = next.parentTurnId === undefined ? undefined : byId.get(next.parentTurnId);
  }
  return path;
}
