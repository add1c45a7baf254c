import { S3Error } from './errors.ts';

const MAX_LINE_BYTES = 8 * 1024;

/** Reads lines and runs of bytes from a stream of chunks, holding no more than one chunk and one line. */
class ChunkReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<Buffer> {
    const { done, value } = await this.#source.next();
    if (done) throw new S3Error('IncompleteBody', 'The request body ended inside its aws-chunked encoding.');
    return value;
  }

  /** The next line, without its CR LF. */
  async line(): Promise<string> {
    let end = this.#rest.indexOf('\r\n');
    while (end < 0) {
      if (this.#rest.length > MAX_LINE_BYTES) throw new S3Error('InvalidRequest', 'A chunk header is too long.');
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
      end = this.#rest.indexOf('\r\n');
    }
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }

  async *bytes(length: number): AsyncGenerator<Buffer> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#more();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}

/**
 * The payload inside an `aws-chunked` body, signed or not. Chunk signatures are not checked: the gateway has verified
 * the request's own, and nothing but loopback lies between.
 * @param trailers is filled with the trailing headers, names in lower case, when the last piece has been read
 * @throws S3Error IncompleteBody, InvalidRequest or MalformedTrailerError
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const reader = new ChunkReader(source);
  for (;;) {
    const length = parseChunkLength(await reader.line());
    if (length === 0) break;
    yield* reader.bytes(length);
    if ((await reader.line()) !== '') throw new S3Error('InvalidRequest', 'A chunk is longer than its header says.');
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    if (colon < 1)
      throw new S3Error('MalformedTrailerError', 'The request contained trailing data that was not well-formed.');
    trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}

function parseChunkLength(line: string): number {
  const hex = /^([0-9a-fA-F]{1,12})(;|$)/.exec(line)?.[1];
  if (hex === undefined)
    throw new S3Error('InvalidRequest', 'A chunk header of the aws-chunked body is not well-formed.');
  return Number.parseInt(hex, 16);
}
