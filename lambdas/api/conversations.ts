import type * as z from 'zod';
import { isGrounded } from '../chat/cited-reply.ts';
import { conversationIdSchema } from '../chat/schemas.ts';
import type { Reader, Turn } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { ConversationStore } from '../ports.ts';
import type { conversationDetailSchema, conversationListSchema, pageOnlyQuery } from './schemas.ts';

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
  requireId(conversationId);
  const { conversation, turns, ...rest } = await store.get(conversationId, reader, {
    limit,
    ...(cursor && { cursor }),
  });
  return { ...conversation, turns: turns.map(viewOf), ...rest };
}

export async function deleteConversation(
  store: ConversationStore,
  reader: Reader,
  conversationId: string,
): Promise<void> {
  requireId(conversationId);
  await store.remove(conversationId, reader);
}

/** What cannot be an id names no conversation. */
function requireId(conversationId: string): void {
  if (!conversationIdSchema.safeParse(conversationId).success) {
    throw new AppFailure({ kind: 'conversation-not-found', conversationId });
  }
}

const viewOf = ({ conversationId: _, citations, ...turn }: Turn) => ({
  ...turn,
  grounded: isGrounded(citations),
  citations: [...citations],
});
