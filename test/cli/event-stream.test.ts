import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readEvents } from '../../cli/event-stream.ts';

async function* inPieces(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const length of lengths) {
    yield bytes.subarray(from, from + length);
    from += length;
  }
  yield bytes.subarray(from);
}

const stream = new TextEncoder().encode(
  ': ping\n\nevent: text-delta\ndata: {"text":"Überstunden › ✓"}\n\n: ping\n\nevent: completed\r\ndata: {"a":1}\r\n\r\nevent: cut\nda',
);

it('gives the same events however the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }), async lengths => {
      expect(await Array.fromAsync(readEvents(inPieces(stream, lengths)))).toEqual([
        { event: 'text-delta', data: '{"text":"Überstunden › ✓"}' },
        { event: 'completed', data: '{"a":1}' },
      ]);
    }),
  );
});
