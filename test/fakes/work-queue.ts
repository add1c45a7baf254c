import type { WorkQueue } from '../../lambdas/ports.ts';

/** A queue whose messages wait in `messages`, oldest first; delays are not kept. */
export function inMemoryWorkQueue<Message>(): WorkQueue<Message> & { readonly messages: Message[] } {
  const messages: Message[] = [];
  return {
    messages,
    async send(sent) {
      messages.push(...sent);
    },
  };
}
