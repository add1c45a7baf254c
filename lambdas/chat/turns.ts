import { decodeTime, monotonicFactory } from 'ulid';
import type { Turn } from '../conversation.ts';
import { untilAborted } from '../http/deadline.ts';
import { planSummary, TURNS_READ } from './history.ts';
import type { ChatPorts, Question } from './question.ts';

/** How long the upkeep of a conversation waits for its turn to be stored. */
const UPKEEP_DELAY_SECONDS = 2;
/** Turns of one millisecond sort, too. */
const newTurnId = monotonicFactory();

/** The end of the path that the question goes on from. A conversation that begins has no turns, and its id is not asked for. */
export async function readTurns(
  { conversations }: ChatPorts,
  { conversationId, parentTurnId, reader }: Question,
  signal: AbortSignal,
): Promise<Turn[]> {
  if (conversationId === undefined) return [];
  const options = { limit: TURNS_READ, ...(parentTurnId && { tip: parentTurnId }) };
  const turns = await untilAborted(conversations.recentTurns(conversationId, reader, options), signal);
  return parentTurnId === null ? [] : turns; // read nonetheless, since it tells whose the conversation is
}

/** A turn's id sorts after its parent's, even when the clocks of two machines differ. */
export function placeAfter(parent: Turn | undefined): { turnId: string; parentTurnId?: string } {
  if (!parent) return { turnId: newTurnId() };
  return { turnId: newTurnId(Math.max(Date.now(), decodeTime(parent.turnId) + 1)), parentTurnId: parent.turnId };
}

/** Stores the turn, and asks for the upkeep of its conversation when there is something to do. */
export async function storeTurn(
  { conversations, upkeep }: ChatPorts,
  { conversationId, reader }: Question,
  turn: Turn,
  { path, historyTokens }: { path: readonly Turn[]; historyTokens: number },
): Promise<void> {
  const begins = conversationId === undefined;
  const due = begins || planSummary([...path, turn], historyTokens) !== undefined;
  const { tenant, userId, apiKeyId } = reader;
  const owner = { tenant, userId, ...(apiKeyId !== undefined && { apiKeyId }) };
  const message = { conversationId: turn.conversationId, turnId: turn.turnId, reader: owner };
  await Promise.all([
    begins ? conversations.begin(turn, reader) : conversations.append(turn, reader),
    // Side by side, so that it costs no time; whoever takes the message finds the turn stored.
    due && upkeep.send([message], { delaySeconds: UPKEEP_DELAY_SECONDS }),
  ]);
}
