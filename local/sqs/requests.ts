import { z } from 'zod';
import { invalidParameter, SqsError } from './errors.ts';

/** Shapes of the requests as the JSON protocol sends them. Binary values are Base64. */
const messageAttribute = z.object({
  DataType: z.string().min(1),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const queueUrl = { QueueUrl: z.string().min(1) };
const outgoing = {
  MessageBody: z.string(),
  DelaySeconds: z.int().min(0).max(900).optional(),
  MessageAttributes: z.record(z.string(), messageAttribute).default({}),
  MessageSystemAttributes: z.record(z.string(), messageAttribute).default({}),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
};
const receipt = { ReceiptHandle: z.string() };
const visibility = { ...receipt, VisibilityTimeout: z.int() };
const entryId = { Id: z.string() };
const entries = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ ...queueUrl, Entries: z.array(z.object({ ...entryId, ...shape })).default([]) });

export const requests = {
  sendMessage: z.object({ ...queueUrl, ...outgoing }),
  sendMessageBatch: entries(outgoing),
  receiveMessage: z.object({
    ...queueUrl,
    MaxNumberOfMessages: z.int().min(1).max(10).default(1),
    VisibilityTimeout: z.int().min(0).max(43_200).optional(),
    WaitTimeSeconds: z.int().min(0).max(20).optional(),
    AttributeNames: z.array(z.string()).default([]),
    MessageSystemAttributeNames: z.array(z.string()).default([]),
    MessageAttributeNames: z.array(z.string()).default([]),
  }),
  deleteMessage: z.object({ ...queueUrl, ...receipt }),
  deleteMessageBatch: entries(receipt),
  changeMessageVisibility: z.object({ ...queueUrl, ...visibility }),
  changeMessageVisibilityBatch: entries(visibility),
  getQueueUrl: z.object({ QueueName: z.string().min(1) }),
  getQueueAttributes: z.object({ ...queueUrl, AttributeNames: z.array(z.string()).default([]) }),
  listQueues: z.object({
    QueueNamePrefix: z.string().default(''),
    MaxResults: z.int().min(1).max(1000).optional(),
    NextToken: z.string().optional(),
  }),
  purgeQueue: z.object(queueUrl),
  startMessageMoveTask: z.object({ SourceArn: z.string().min(1), DestinationArn: z.string().min(1).optional() }),
  listMessageMoveTasks: z.object({ SourceArn: z.string().min(1), MaxResults: z.int().min(1).max(10).default(1) }),
};
export type OutgoingEntry = Omit<z.infer<typeof requests.sendMessage>, 'QueueUrl'>;

/** @throws SqsError that names every wrong or missing parameter */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const missing = result.error.issues.find(issue => issue.code === 'invalid_type' && issue.input === undefined);
  if (missing)
    throw new SqsError('MissingParameter', `The request must contain the parameter ${missing.path.join('.')}.`);
  const faults = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
  throw invalidParameter(faults.join('; '));
}

/** @throws SqsError when the batch as a whole is refused */
export function checkBatch<Entry extends { readonly Id: string }>(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length === 0)
    throw new SqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) {
    const message = `Maximum number of entries per request are 10. You have sent ${entries.length}.`;
    throw new SqsError('TooManyEntriesInBatchRequest', message);
  }
  const ids = entries.map(entry => entry.Id);
  if (ids.some(id => !/^[\w-]{1,80}$/.test(id))) {
    const rule = 'It can only contain alphanumeric characters, hyphens and underscores, at most 80.';
    throw new SqsError('InvalidBatchEntryId', `A batch entry id is wrong. ${rule}`);
  }
  if (new Set(ids).size < ids.length) {
    throw new SqsError('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same id.');
  }
  return entries;
}
