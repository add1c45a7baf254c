import type { ApiClient } from '../api/client.ts';
import type { Conversation } from '../api/shapes.ts';

const ENDINGS = { markdown: 'md', json: 'json' } as const;

/** Saves a conversation as a file. @throws what the API client throws */
export async function exportConversation(
  api: ApiClient,
  { conversationId, title }: Pick<Conversation, 'conversationId' | 'title'>,
  format: keyof typeof ENDINGS,
): Promise<void> {
  const reply = await api.send(`conversations/${conversationId}/export`, { query: { format } });
  const url = URL.createObjectURL(await reply.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${fileName(title)}.${ENDINGS[format]}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

/** What every file system takes. */
export const fileName = (title: string): string =>
  title
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 80)
    .replace(/^[. ]+|[. ]+$/g, '') || 'conversation';
