import { createHash } from 'node:crypto';

/** A message attribute as it stands on the wire. `BinaryValue` is Base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: string | undefined;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

export const md5 = (content: string | Buffer): string => createHash('md5').update(content).digest('hex');

/**
 * The MD5 that clients compare with their own.
 * @returns undefined when there is no attribute
 * @see Amazon SQS Developer Guide, "Calculating the MD5 message digest for message attributes"
 */
export function md5OfMessageAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const pieces: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    const binary = isBinary(attribute);
    pieces.push(lengthPrefixed(Buffer.from(name)), lengthPrefixed(Buffer.from(attribute.DataType)));
    pieces.push(Buffer.of(binary ? 2 : 1), lengthPrefixed(valueBytes(attribute)));
  }
  return md5(Buffer.concat(pieces));
}

/** Bytes that an attribute counts towards the message's size. */
export const attributeSize = (name: string, attribute: MessageAttribute): number =>
  Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length;

/**
 * The attributes that a receiver asked for.
 * @param names exact names, `All`, `.*`, or a prefix as `invoice.*`
 */
export function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (attribute: string) =>
    names.some(
      name => name === 'All' || name === attribute || (name.endsWith('.*') && attribute.startsWith(name.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

const isBinary = ({ DataType }: MessageAttribute) => DataType === 'Binary' || DataType.startsWith('Binary.');

const valueBytes = (attribute: MessageAttribute): Buffer =>
  isBinary(attribute) ? Buffer.from(attribute.BinaryValue ?? '', 'base64') : Buffer.from(attribute.StringValue ?? '');

function lengthPrefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
