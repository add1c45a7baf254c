import type { Writable } from 'node:stream';

/** One event of a `text/event-stream`; `data` is sent as one line of JSON. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** Under the 15 s that proxies and clients may take for a dead connection. */
const PING_MS = 10_000;

/**
 * Writes each event as soon as it comes, and comment lines in the silence between.
 * Ends early, without an error, when the stream closes; then `events` is returned, which stops its source.
 */
export async function writeServerSentEvents(
  stream: Writable,
  events: AsyncIterable<ServerSentEvent>,
  options: { pingMs?: number } = {},
): Promise<void> {
  const ping = setInterval(() => {
    if (stream.writable) stream.write(': ping\n\n');
  }, options.pingMs ?? PING_MS);
  try {
    for await (const { event, data } of events) {
      if (!stream.writable) return;
      await write(stream, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  } finally {
    clearInterval(ping);
  }
}

/** Writes and, when the stream is full, waits until it takes more or is closed. */
async function write(stream: Writable, text: string): Promise<void> {
  if (stream.write(text)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = () => resolve();
  stream.once('drain', settle).once('close', settle).once('error', settle);
  try {
    if (stream.destroyed || stream.closed) return;
    await promise;
  } finally {
    stream.off('drain', settle).off('close', settle).off('error', settle);
  }
}
