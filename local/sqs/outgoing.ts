import { invalidParameter, SqsError } from './errors.ts';
import { attributeSize, type MessageAttribute, type MessageAttributes } from './message-attributes.ts';
import type { OutgoingMessage } from './queues.ts';
import type { OutgoingEntry } from './requests.ts';

export const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_ATTRIBUTES = 10;

/** Characters that SQS refuses: all but #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD and above #xFFFF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const INVALID_CHARACTER = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u;

/** @throws SqsError when a message cannot be sent as it is */
export function outgoingMessage(entry: OutgoingEntry, senderId: string): OutgoingMessage {
  refuseFifo(entry);
  checkContent(entry.MessageBody);
  checkAttributes(entry.MessageAttributes);
  const message = {
    body: entry.MessageBody,
    messageAttributes: entry.MessageAttributes,
    senderId,
    traceHeader: entry.MessageSystemAttributes.AWSTraceHeader?.StringValue,
    delaySeconds: entry.DelaySeconds,
  };
  if (messageSize(message) > MAX_MESSAGE_BYTES) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`,
    );
  }
  return message;
}

/** In bytes: the body with its attributes' names, types and values. */
export function messageSize({ body, messageAttributes }: Pick<OutgoingMessage, 'body' | 'messageAttributes'>): number {
  const attributes = Object.entries(messageAttributes).map(([name, attribute]) => attributeSize(name, attribute));
  return attributes.reduce((sum, size) => sum + size, Buffer.byteLength(body));
}

function refuseFifo({ MessageGroupId, MessageDeduplicationId }: OutgoingEntry): void {
  if (MessageGroupId === undefined && MessageDeduplicationId === undefined) return;
  const given = MessageGroupId === undefined ? 'MessageDeduplicationId' : 'MessageGroupId';
  throw new SqsError('UnsupportedOperation', `${given}: FIFO and fair queues are not emulated.`);
}

function checkContent(body: string): void {
  if (body === '') throw new SqsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (INVALID_CHARACTER.test(body)) {
    throw new SqsError('InvalidMessageContents', 'The message holds characters outside the allowed set.');
  }
}

function checkAttributes(attributes: MessageAttributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of entries) checkAttribute(name, attribute);
}

function checkAttribute(name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void {
  if (!/^[\w.-]{1,256}$/.test(name)) throw invalidParameter(`Message attribute name '${name}' is invalid.`);
  const kind = /^(String|Number|Binary)(\..+)?$/.exec(DataType)?.[1];
  if (!kind) {
    throw invalidParameter(`The type of message attribute '${name}' is invalid: it must be String, Number or Binary.`);
  }
  const value = kind === 'Binary' ? BinaryValue : StringValue;
  if (!value)
    throw invalidParameter(`The message attribute '${name}' must contain a non-empty value of type ${DataType}.`);
  if (kind === 'Number' && !Number.isFinite(Number(value))) {
    throw invalidParameter(`Could not cast message attribute '${name}' value to number.`);
  }
}
