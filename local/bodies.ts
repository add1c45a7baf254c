import type { IncomingMessage } from 'node:http';

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/** A request body longer than its reader takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`The request body is longer than ${maxBytes} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/**
 * A reader of the whole body that may be called more than once.
 * @throws BodyTooLarge; Error when the client goes away before the end
 */
export function bodyReader(request: IncomingMessage): (maxBytes?: number) => Promise<Buffer> {
  let body: Promise<Buffer> | undefined;
  return async (maxBytes = DEFAULT_MAX_BYTES) => {
    body ??= readBody(request, maxBytes);
    const bytes = await body;
    if (bytes.length > maxBytes) throw new BodyTooLarge(maxBytes);
    return bytes;
  };
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  // Leaving the loop must not destroy the connection: the refusal still has to be answered on it.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += piece.length;
    if (length > maxBytes) throw new BodyTooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}
