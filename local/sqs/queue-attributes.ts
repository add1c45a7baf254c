import { SqsError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './outgoing.ts';
import type { Queues } from './queues.ts';

/** Names that clients may ask for, though this queue has no value for them. */
const WITHOUT_VALUE = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId']);

/** @param names the attributes asked for, or `All` */
export function queueAttributes(queues: Queues, name: string, names: readonly string[]): Record<string, string> {
  const all = allAttributes(queues, name);
  const unknown = names.find(wanted => wanted !== 'All' && !(wanted in all) && !WITHOUT_VALUE.has(wanted));
  if (unknown && unknown !== 'RedrivePolicy')
    throw new SqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  if (names.includes('All')) return all;
  return Object.fromEntries(Object.entries(all).filter(([attribute]) => names.includes(attribute)));
}

function allAttributes(queues: Queues, name: string): Record<string, string> {
  const { spec, createdAt, modifiedAt } = queues.record(name);
  const { visible, inFlight, delayed } = queues.counts(name);
  const { deadLetterArn, maxReceiveCount } = spec.redrive ?? {};
  return {
    QueueArn: queues.arn(name),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedAt / 1000)),
    VisibilityTimeout: String(spec.visibilityTimeoutSeconds),
    MaximumMessageSize: String(MAX_MESSAGE_BYTES),
    MessageRetentionPeriod: String(spec.retentionSeconds),
    DelaySeconds: String(spec.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(spec.receiveWaitSeconds),
    SqsManagedSseEnabled: 'true',
    ...(deadLetterArn && { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount }) }),
  };
}
