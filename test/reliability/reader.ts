import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { documentIdOf } from '../../lambdas/document.ts';
import type { StackAccess } from '../cloud/support/stack.ts';
import { editionsIn } from './convergence.ts';

const reply = z.object({
  matches: z.array(z.looseObject({ documentId: z.string(), chunkId: z.string(), text: z.string() })),
});
const TOP_K = 20;
/** Between two looks, which take a share of the same machine. */
const PAUSE_MS = 150;

/** What one search showed of one document. */
export interface Sight {
  readonly key: string;
  /** As the chunks' texts say: more than one is a mixture. */
  readonly editions: readonly string[];
  /** As the chunks' ids say. */
  readonly versions: readonly number[];
  readonly chunkCount: number;
}

/** Searches one document after the other, over and over, until it is stopped. */
export class Reader {
  readonly #stack: StackAccess;
  readonly #stop = new AbortController();
  readonly #watching: Promise<void>;
  /** In the order in which they were had. */
  readonly sights: Sight[] = [];
  /** Searches that were answered with an error, or not at all. */
  failures = 0;

  constructor(stack: StackAccess, keys: readonly string[]) {
    this.#stack = stack;
    this.#watching = this.#watch(keys);
  }

  /** @throws ZodError for an answer of the wrong shape */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(keys: readonly string[]): Promise<void> {
    for (let turn = 0; !this.#stop.signal.aborted; turn += 1) {
      const key = keys[turn % keys.length] ?? '';
      const sight = await this.#look(key);
      if (sight) this.sights.push(sight);
      else this.failures += 1;
      await sleep(PAUSE_MS);
    }
  }

  /** @returns undefined when there was no answer */
  async #look(key: string): Promise<Sight | undefined> {
    const filter = { documentIds: [documentIdOf('default', key)] };
    const query = 'What does the keeper of the lighthouse write down?';
    const response = await this.#ask(JSON.stringify({ query, topK: TOP_K, filter }));
    if (response === undefined) return undefined;
    const { matches } = reply.parse(response);
    const versions = matches.map(({ chunkId }) => Number(chunkId.split('#')[1]));
    const editions = editionsIn(matches.map(({ text }) => text).join('\n'));
    return { key, editions, versions: [...new Set(versions)], chunkCount: matches.length };
  }

  async #ask(body: string): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(35_000); // longer than API Gateway waits
    try {
      const response = await this.#stack.request('search', { method: 'POST', headers, body, signal });
      return response.status === 200 ? await response.json() : undefined;
    } catch {
      return undefined; // the cloud is just being killed, or started again
    }
  }
}
