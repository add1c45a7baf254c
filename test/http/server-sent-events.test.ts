import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type ServerSentEvent, writeServerSentEvents } from '../../lambdas/http/server-sent-events.ts';

/** Everything that was written so far, and a promise of the first time that it contains `text`. */
function listen(stream: PassThrough) {
  let written = '';
  stream.setEncoding('utf8').on('data', (piece: string) => {
    written += piece;
  });
  const contains = async (text: string) => {
    while (!written.includes(text)) await new Promise(resolve => stream.once('data', resolve));
  };
  return { written: () => written, contains };
}

async function* list(events: readonly ServerSentEvent[]) {
  yield* events;
}

describe('writeServerSentEvents', () => {
  it('writes each event as its name and one line of JSON', async () => {
    const stream = new PassThrough();
    const { written } = listen(stream);
    await writeServerSentEvents(stream, list([{ event: 'text-delta', data: { text: 'a\nb' } }]));
    expect(written()).toBe('event: text-delta\ndata: {"text":"a\\nb"}\n\n');
  });

  it('passes an event on while the next one is still awaited', async () => {
    const stream = new PassThrough();
    const { contains } = listen(stream);
    const release = Promise.withResolvers<void>();
    async function* events(): AsyncGenerator<ServerSentEvent> {
      yield { event: 'first', data: {} };
      await release.promise;
      yield { event: 'second', data: {} };
    }
    const done = writeServerSentEvents(stream, events());
    await contains('event: first');
    release.resolve();
    await done;
    await contains('event: second');
  });

  it('writes pings while nothing happens', async () => {
    const stream = new PassThrough();
    const { contains, written } = listen(stream);
    const release = Promise.withResolvers<void>();
    async function* events(): AsyncGenerator<ServerSentEvent> {
      await release.promise;
      yield { event: 'late', data: {} };
    }
    const done = writeServerSentEvents(stream, events(), { pingMs: 1 });
    await contains(': ping\n\n');
    release.resolve();
    await done;
    expect(written()).toContain('event: late\n');
  });

  it('ends its source when the stream closes', async () => {
    const stream = new PassThrough();
    let ended = false;
    async function* events(): AsyncGenerator<ServerSentEvent> {
      try {
        while (true) yield { event: 'more', data: 'x'.repeat(1_000) };
      } finally {
        ended = true;
      }
    }
    // Nobody reads: the stream fills up, so that the writer waits for room when it closes.
    const done = writeServerSentEvents(stream, events());
    await new Promise(resolve => setImmediate(resolve));
    stream.destroy();
    await done;
    expect(ended).toBe(true);
  });
});
