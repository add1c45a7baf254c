import { crc32 } from 'node:zlib';

/** One message of `application/vnd.amazon.eventstream`. */
export interface StreamMessage {
  /** `:message-type`: `event`, or `exception` for an error midway. */
  readonly kind: string;
  /** `:event-type` or `:exception-type`. */
  readonly name: string;
  readonly payload: Buffer;
}

const PRELUDE_BYTES = 12;
const CHECKSUM_BYTES = 4;
/** Bytes of a header's value by its type, for the types of one length; texts and bytes tell theirs. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const TEXT = 7;
const BYTES = 6;

/**
 * The messages of an event stream as they come in. What is left when the stream ends midway in a message is dropped.
 * @throws Error when a checksum does not fit
 * @see "Event Stream encoding" of the Smithy specification
 */
export async function* readMessages(pieces: AsyncIterable<Buffer>): AsyncGenerator<StreamMessage> {
  let read: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    read = read.length > 0 ? Buffer.concat([read, piece]) : piece;
    while (read.length >= PRELUDE_BYTES && read.length >= read.readUInt32BE(0)) {
      const length = read.readUInt32BE(0);
      yield readMessage(read.subarray(0, length));
      read = read.subarray(length);
    }
  }
}

function readMessage(message: Buffer): StreamMessage {
  const end = message.length - CHECKSUM_BYTES;
  const fits =
    end >= PRELUDE_BYTES &&
    crc32(message.subarray(0, 8)) === message.readUInt32BE(8) &&
    crc32(message.subarray(0, end)) === message.readUInt32BE(end);
  if (!fits) throw new Error('A message of the event stream arrived damaged.');
  const payloadAt = PRELUDE_BYTES + message.readUInt32BE(4);
  const headers = readHeaders(message.subarray(PRELUDE_BYTES, payloadAt));
  const name = headers.get(':event-type') ?? headers.get(':exception-type') ?? headers.get(':error-code') ?? '';
  return { kind: headers.get(':message-type') ?? '', name, payload: message.subarray(payloadAt, end) };
}

/** Those whose value is text. */
function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const valueAt = at + 2 + bytes.readUInt8(at);
    const type = bytes.readUInt8(valueAt - 1);
    const hasLength = type === TEXT || type === BYTES;
    const length = hasLength ? bytes.readUInt16BE(valueAt) + 2 : VALUE_BYTES[type];
    if (length === undefined) throw new Error(`A header of the event stream has the unknown type ${type}.`);
    const name = bytes.toString('utf8', at + 1, valueAt - 1);
    if (type === TEXT) headers.set(name, bytes.toString('utf8', valueAt + 2, valueAt + length));
    at = valueAt + length;
  }
  return headers;
}
