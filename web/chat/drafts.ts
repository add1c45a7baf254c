/** What was written and not sent, for each conversation, so that neither a reload nor an expired login loses it. */

const PREFIX = 'groundwork.draft.';
const NEW = 'new';

type Storage = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

export const draftOf = (conversationId: string | undefined, storage: Storage = localStorage): string =>
  storage.getItem(PREFIX + (conversationId ?? NEW)) ?? '';

export function keepDraft(conversationId: string | undefined, text: string, storage: Storage = localStorage): void {
  const key = PREFIX + (conversationId ?? NEW);
  if (text === '') storage.removeItem(key);
  else storage.setItem(key, text);
}

/** A question that was not answered may be sent again after a reload or a new login; one that was answered is no draft. */
export function keepUnanswered(
  conversationId: string | undefined,
  question: string,
  isAnswered: boolean,
  storage: Storage = localStorage,
): void {
  const draft = draftOf(conversationId, storage);
  if (isAnswered && draft === question) keepDraft(conversationId, '', storage);
  if (!isAnswered && draft === '') keepDraft(conversationId, question, storage);
}

/** At the log out: whoever uses the browser next shall not find them. */
export function forgetDrafts(storage: globalThis.Storage = localStorage): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
  for (const key of keys.filter(key => key.startsWith(PREFIX))) storage.removeItem(key);
}
