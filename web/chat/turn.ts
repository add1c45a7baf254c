import { pathTo } from '../../lambdas/conversation-tree.ts';
import type { ChatAnswer, Citation, StoredTurn } from '../api/shapes.ts';

/** How far an answer is. Only what is `done` is stored, and shown to the model again. */
export type TurnStatus =
  | { readonly kind: 'asking'; readonly sources?: number }
  | { readonly kind: 'answering' }
  | { readonly kind: 'done' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly error: unknown; readonly retryAt?: number };

/** A question with its answer, as far as there is one. */
export interface Turn
  extends Partial<
    Pick<
      ChatAnswer & StoredTurn,
      | 'groundedness'
      | 'nearest'
      | 'model'
      | 'intervention'
      | 'usage'
      | 'latencyMs'
      | 'cached'
      | 'stopReason'
      | 'feedback'
    >
  > {
  /** The same from the question on, while `turnId` becomes the API's. */
  readonly key: string;
  readonly turnId: string;
  readonly parentTurnId?: string | undefined;
  readonly question: string;
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly refused: boolean;
  readonly grounded: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly status: TurnStatus;
}

export const isRunning = ({ status }: Turn): boolean => status.kind === 'asking' || status.kind === 'answering';

export const turnOf = (stored: StoredTurn): Turn => ({ ...stored, key: stored.turnId, status: { kind: 'done' } });

/** The turns shown: from the first one down to `tip`. */
export const shownPath = (turns: readonly Turn[], tip: string | undefined): Turn[] => pathTo(turns, tip);

/** The turn that a next question goes on from: what was not answered to the end is passed over. */
export const lastDone = (path: readonly Turn[]): Turn | undefined =>
  path.findLast(({ status }) => status.kind === 'done');

/** The turns by what they go on from, in the order in which they were asked: those of one list are branches. */
export const branchesIn = (turns: readonly Turn[]): ReadonlyMap<string | undefined, readonly Turn[]> =>
  Map.groupBy(turns, ({ parentTurnId }) => parentTurnId);

/** The newest turn that goes on from `turn`, or itself: where its branch leads to. */
export function endOfBranch(turns: readonly Turn[], turn: Turn): Turn {
  const next = turns.findLast(({ parentTurnId }) => parentTurnId === turn.turnId);
  return next ? endOfBranch(turns, next) : turn;
}

/** The marks' sources, each with all its quotes, by number. */
export function sourcesOf(
  citations: readonly Citation[],
): { n: number; citations: readonly [Citation, ...Citation[]] }[] {
  const sources = new Map<number, [Citation, ...Citation[]]>();
  for (const citation of citations) {
    const known = sources.get(citation.n);
    if (known) known.push(citation);
    else sources.set(citation.n, [citation]);
  }
  return [...sources].map(([n, found]) => ({ n, citations: found })).sort((a, b) => a.n - b.n);
}
