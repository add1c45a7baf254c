import type { SQSEvent, SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { z } from 'zod';
import type { InvocationResult, QueueMessage } from '../contracts.ts';
import { type MessageAttributes, md5OfMessageAttributes } from '../sqs/message-attributes.ts';

const messageAttributes = z.record(
  z.string(),
  z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
);
const partialResponse = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/** The event that a function gets for a batch of one queue. */
export function sqsEvent(messages: readonly QueueMessage[], queueArn: string, region: string): SQSEvent {
  return { Records: messages.map(message => record(message, queueArn, region)) };
}

function record(message: QueueMessage, eventSourceARN: string, awsRegion: string): SQSRecord {
  const attributes = messageAttributes.parse(message.messageAttributes);
  const md5OfAttributes = md5OfMessageAttributes(attributes);
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    // The queue gives every message the attributes that the type asks for.
    attributes: message.attributes as unknown as SQSRecord['attributes'],
    messageAttributes: lowerCaseAttributes(attributes),
    md5OfBody: message.md5OfBody,
    ...(md5OfAttributes !== undefined && { md5OfMessageAttributes: md5OfAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  };
}

function lowerCaseAttributes(attributes: MessageAttributes): SQSMessageAttributes {
  const entries = Object.entries(attributes).map(([name, attribute]) => [
    name,
    {
      ...(attribute.StringValue !== undefined && { stringValue: attribute.StringValue }),
      ...(attribute.BinaryValue !== undefined && { binaryValue: attribute.BinaryValue }),
      stringListValues: [],
      binaryListValues: [],
      dataType: attribute.DataType,
    },
  ]);
  return Object.fromEntries(entries);
}

export interface BatchOutcome {
  /** To be deleted; the others come back after their visibility timeout. */
  readonly done: readonly QueueMessage[];
  /** Why some or all of the batch come back, for the person at the terminal. */
  readonly failure: string | undefined;
}

/**
 * What of a batch is done. Without `reportBatchItemFailures` it is all or nothing; with it, a reply that cannot be
 * understood, or that names a message which is not of the batch, makes all come back.
 */
export function batchOutcome(
  messages: readonly QueueMessage[],
  result: InvocationResult,
  reportBatchItemFailures: boolean,
): BatchOutcome {
  if (!result.ok) return { done: [], failure: `${result.type}: ${result.message}` };
  if (!reportBatchItemFailures) return { done: messages, failure: undefined };
  const reply = partialResponse.safeParse(parseReply(result.payload));
  if (!reply.success) return { done: [], failure: 'its reply is not a partial batch response' };
  const failed = new Set(reply.data?.batchItemFailures?.map(item => item.itemIdentifier));
  const known = new Set(messages.map(message => message.messageId));
  const unknown = [...failed].filter(id => !known.has(id));
  if (unknown.length > 0) return { done: [], failure: `its reply names ${unknown.join(', ')}, not of this batch` };
  const done = messages.filter(message => !failed.has(message.messageId));
  return { done, failure: failed.size > 0 ? 'reported as failed' : undefined };
}

const NOT_JSON = Symbol('not JSON');

function parseReply(payload: Buffer): unknown {
  if (payload.length === 0) return null;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return NOT_JSON; // refused by the schema, like any other reply of the wrong shape
  }
}
