import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { describe, expect, it } from 'vitest';
import { readMessages } from '../../../lambdas/adapters/aws/event-stream.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);
const encoded = (text: string): Buffer =>
  Buffer.from(
    codec.encode({
      headers: {
        ':message-type': { type: 'string', value: 'event' },
        flag: { type: 'boolean', value: true },
        count: { type: 'integer', value: 7 },
        bytes: { type: 'binary', value: new Uint8Array([1, 2, 3]) },
        at: { type: 'timestamp', value: new Date(0) },
        ':event-type': { type: 'string', value: 'contentBlockDelta' },
      },
      body: fromUtf8(text),
    }),
  );
const stream = Buffer.concat([encoded('one'), encoded('zwei ü'), encoded('')]);

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function read(bytes: Buffer, size: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const { kind, name, payload } of readMessages(cut(bytes, size))) texts.push(`${kind} ${name} ${payload}`);
  return texts;
}

describe('an event stream', () => {
  it.each([1, 7, 12, 50, 10_000])('is read however it is cut, here into pieces of %d bytes', async size => {
    expect(await read(stream, size)).toEqual(['one', 'zwei ü', ''].map(text => `event contentBlockDelta ${text}`));
  });

  it('is not believed when a bit of it is wrong', async () => {
    for (const position of [9, 20, stream.length - 6]) {
      const damaged = Buffer.from(stream);
      damaged.writeUInt8(damaged.readUInt8(position) ^ 1, position);
      await expect(read(damaged, 64)).rejects.toThrow('damaged');
    }
  });

  it('that ends midway gives what was whole', async () => {
    expect(await read(stream.subarray(0, stream.length - 20), 64)).toHaveLength(2);
  });
});
