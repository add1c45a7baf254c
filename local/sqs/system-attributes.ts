import type { StoredMessage } from './message-store.ts';

/** Attributes that SQS itself gives a message; all are text. */
export function systemAttributes(message: StoredMessage): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ...(message.traceHeader && { AWSTraceHeader: message.traceHeader }),
    ...(message.deadLetterSourceArn && { DeadLetterQueueSourceArn: message.deadLetterSourceArn }),
  };
}

export function selectSystemAttributes(message: StoredMessage, names: readonly string[]): Record<string, string> {
  const all = systemAttributes(message);
  if (names.includes('All')) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}
