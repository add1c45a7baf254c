import { beforeEach, expect, it } from 'vitest';
import type { WorkQueue } from '../../lambdas/ports.ts';

interface Message {
  readonly documentId: string;
  readonly version: number;
}

export interface TestQueue {
  readonly queue: WorkQueue<Message>;
  /** Takes `count` messages out, waiting a while for them; fewer when no more come. */
  take(count: number): Promise<Message[]>;
}

const messages = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({ documentId: `ä😀 "${index}"`, version: index + 1 }));
const sorted = (taken: readonly Message[]) => taken.toSorted((a, b) => a.version - b.version);

/** What every work queue must do. `makeQueue` gives an empty one. */
export function workQueueContract(makeQueue: () => Promise<TestQueue>) {
  let test: TestQueue;
  beforeEach(async () => {
    test = await makeQueue();
  });

  it('carries a message unchanged', async () => {
    await test.queue.send(messages(1));
    expect(await test.take(1)).toEqual(messages(1));
  });

  it('sends more messages than one call takes, each once', async () => {
    await test.queue.send(messages(25));
    expect(sorted(await test.take(25))).toEqual(messages(25));
  });

  it('takes no messages as nothing to do', async () => {
    await test.queue.send([]);
    await test.queue.send(messages(1));
    expect(await test.take(1)).toEqual(messages(1));
  });
}
