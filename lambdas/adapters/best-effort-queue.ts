import type { WorkQueue } from '../ports.ts';

/** A queue for work that may be left undone: when a message cannot be sent, `onFailed` is told, and the sender goes on. */
export function bestEffortQueue<Message>(
  queue: WorkQueue<Message>,
  onFailed: (error: unknown) => void,
): WorkQueue<Message> {
  return {
    async send(messages, options) {
      try {
        await queue.send(messages, options);
      } catch (error) {
        onFailed(error);
      }
    },
  };
}
