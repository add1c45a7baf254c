/** What separates the head of a streamed reply from its body. */
const SEPARATOR = Buffer.alloc(8);
/** API Gateway looks for the separator no further than this. */
const MAX_PRELUDE_BYTES = 16 * 1024;

export interface Prelude {
  readonly head: Buffer;
  /** The first bytes of the body; may be empty. */
  readonly rest: Buffer;
}

/**
 * Reads the head of a streamed reply.
 * @param next the next piece of the stream, undefined at its end
 * @returns undefined when the stream ends, or goes on too long, without a separator
 */
export async function readPrelude(next: () => Promise<Buffer | undefined>): Promise<Prelude | undefined> {
  let read = Buffer.alloc(0);
  while (read.length <= MAX_PRELUDE_BYTES) {
    const piece = await next();
    if (piece === undefined) return undefined;
    read = Buffer.concat([read, piece]);
    const end = read.indexOf(SEPARATOR);
    if (end >= 0) return { head: read.subarray(0, end), rest: read.subarray(end + SEPARATOR.length) };
  }
  return undefined;
}
