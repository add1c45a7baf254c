import type { WorkQueue } from '../ports.ts';

/**
 * A queue for work that may be left undone: when a message cannot be sent, `onFailed` is told, and the sender goes on.
 * @param open makes the queue, once, when the first message is sent; so its client loads only where one is
 */
export function bestEffortQueue<Message>(
  open: () => Promise<WorkQueue<Message>>,
  onFailed: (error: unknown) => void,
): WorkQueue<Message> {
  let queue: Promise<WorkQueue<Message>> | undefined;
  return {
    async send(messages, options) {
      try {
        queue ??= open();
        await (await queue).send(messages, options);
      } catch (error) {
        onFailed(error);
      }
    },
  };
}
