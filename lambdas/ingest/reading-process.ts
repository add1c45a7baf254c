import type { Chunk } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import { unreadable } from './parse/unreadable.ts';
import { documentReader } from './read-document.ts';
import { type ReadingMessage, type ReadRequest, readRequest, storedNotice } from './reading-messages.ts';

/*
 * The process that reads files, one at a time, so that a file which crashes, hangs or floods it takes nothing else along.
 * It has no credentials and no part in the bucket or the records: bytes come in, chunks go out.
 */

/** Settles when the batch on its way is stored. */
let stored = Promise.withResolvers<void>();
stored.resolve();

process.on('disconnect', () => process.exit()); // nobody is left to read for
process.on('message', (message: unknown) => {
  if (storedNotice.safeParse(message).success) stored.resolve();
  else void answer(readRequest.parse(message));
});

async function answer(request: ReadRequest): Promise<void> {
  say(await read(request));
}

async function read({ key, size, chunking, formats }: ReadRequest): Promise<ReadingMessage> {
  try {
    const file = { key, size, pieces: input(size), timeLimitMs: Number.POSITIVE_INFINITY, formats };
    const summary = await documentReader(chunking)(file, handOver);
    await stored.promise;
    return { type: 'read', ...summary };
  } catch (error) {
    const refusal = error instanceof RangeError && isOutOfMemory(error) ? unreadable('too-complex') : error;
    if (refusal instanceof UnreadableDocument) {
      return { type: 'unreadable', code: refusal.code, message: refusal.message };
    }
    return { type: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** One batch is stored while the next is made. */
async function handOver(chunks: readonly Chunk[]): Promise<void> {
  await stored.promise;
  stored = Promise.withResolvers();
  say({ type: 'chunks', chunks: [...chunks] });
}

async function* input(size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const piece of process.stdin.iterator({ destroyOnReturn: false })) {
    left -= piece.length;
    yield piece;
    if (left <= 0) return;
  }
  throw new Error(`The file ended ${left} bytes early`);
}

/** What V8 says when a buffer or a string would be too large. */
const isOutOfMemory = ({ message }: RangeError) =>
  /allocation failed|Invalid (string|typed array) length/i.test(message);

function say(message: ReadingMessage): void {
  process.send?.(message);
}
