import type * as z from 'zod';
import { isGrounded } from '../chat/cited-reply.ts';
import { conversationIdSchema, turnIdSchema } from '../chat/schemas.ts';
import type { Feedback, Reader, Turn } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { ConversationStore } from '../ports.ts';
import type {
  conversationDetailSchema,
  conversationListSchema,
  conversationSchema,
  feedbackSchema,
  giveFeedbackSchema,
  pageOnlyQuery,
  renameConversationSchema,
} from './schemas.ts';

type Page = z.infer<typeof pageOnlyQuery>;

export async function listConversations(
  store: ConversationStore,
  reader: Reader,
  { limit, cursor }: Page,
): Promise<z.infer<typeof conversationListSchema>> {
  return store.list(reader, { limit, ...(cursor && { cursor }) });
}

export async function getConversation(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
  { limit, cursor }: Page,
): Promise<z.infer<typeof conversationDetailSchema>> {
  requireConversationId(conversationId);
  const { conversation, turns, ...rest } = await store.get(conversationId, reader, {
    limit,
    ...(cursor && { cursor }),
  });
  return { ...conversation, turns: turns.map(turnView), ...rest };
}

export async function deleteConversation(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
): Promise<void> {
  requireConversationId(conversationId);
  await store.remove(conversationId, reader);
}

export async function renameConversation(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
  { title }: z.infer<typeof renameConversationSchema>,
): Promise<z.infer<typeof conversationSchema>> {
  requireConversationId(conversationId);
  return store.rename(conversationId, reader, title);
}

interface TurnIds {
  readonly conversationId: string;
  readonly turnId: string;
}

export async function giveFeedback(
  store: ConversationStore,
  reader: Reader,
  ids: TurnIds,
  { reasons, ...said }: z.infer<typeof giveFeedbackSchema>,
): Promise<z.infer<typeof feedbackSchema>> {
  const feedback = { ...said, reasons: [...new Set(reasons)], updatedAt: new Date().toISOString() };
  await setFeedback(store, reader, ids, feedback);
  return feedback;
}

export const removeFeedback = (store: ConversationStore, reader: Reader, ids: TurnIds): Promise<void> =>
  setFeedback(store, reader, ids, undefined);

async function setFeedback(
  store: ConversationStore,
  reader: Reader,
  { conversationId, turnId }: TurnIds,
  feedback: Feedback | undefined,
): Promise<void> {
  requireConversationId(conversationId);
  if (!turnIdSchema.safeParse(turnId).success) throw new AppFailure({ kind: 'turn-not-found', conversationId, turnId });
  await store.setFeedback(conversationId, turnId, reader, feedback);
}

/** What cannot be an id names no conversation. */
export function requireConversationId(conversationId: string): void {
  if (!conversationIdSchema.safeParse(conversationId).success) {
    throw new AppFailure({ kind: 'conversation-not-found', conversationId });
  }
}

export const turnView = ({
  conversationId: _,
  summary: __,
  citations,
  nearest,
  intervention,
  feedback,
  ...turn
}: Turn) => ({
  ...turn,
  grounded: isGrounded(citations),
  citations: [...citations],
  ...(nearest && { nearest: [...nearest] }),
  ...(intervention && { intervention: { policies: [...intervention.policies] } }),
  ...(feedback && { feedback: { ...feedback, reasons: [...feedback.reasons] } }),
});
