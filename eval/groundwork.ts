import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import * as z from 'zod';
import { Client } from '../cli/client.ts';
import { hasEnded, listDocuments } from '../cli/documents.ts';
import { apiKeyIdentity } from '../cli/identity.ts';
import type { SetDocument } from './set.ts';

/** Where a running Groundwork is reached, as `.groundwork/endpoints.json` says it. */
export const endpointsShape = z.object({
  restUrl: z.url(),
  apiKey: z.string(),
  s3Endpoint: z.url().optional(),
  bucket: z.string(),
  region: z.string(),
});
export type Endpoints = z.infer<typeof endpointsShape>;

const match = z.looseObject({ key: z.string(), score: z.number() });
const searchReply = z.object({ matches: z.array(match), evidence: z.number().optional() });
const chatReply = z.looseObject({
  answer: z.string(),
  refused: z.boolean(),
  citations: z.array(z.looseObject({ key: z.string(), quote: z.string(), supported: z.boolean() })),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number(), costUsd: z.number() }),
  latencyMs: z.number(),
});
export type ChatReply = z.infer<typeof chatReply>;
export interface Asked {
  readonly folder?: string;
}

const INGEST_TIMEOUT_MS = 15 * 60_000;
const STATISTICS_TIMEOUT_MS = 60_000;
/** Longer than the pause between two counts. */
const QUIET_MS = 8_000;
/** A throttled question is not a wrong answer. */
const ATTEMPTS = 10;

/** The Groundwork that is measured, as its users reach it: documents by S3, questions by the REST API. */
export class Groundwork {
  readonly #client: Client;
  readonly #bucket: string;
  readonly #s3: S3Client;

  constructor({ restUrl, apiKey, bucket, region, s3Endpoint }: Endpoints) {
    const target = { restUrl, identity: apiKeyIdentity(apiKey), foundBy: 'the endpoints' };
    this.#client = new Client(target, new AbortController().signal, { attempts: ATTEMPTS });
    this.#bucket = bucket;
    const local = { credentials: { accessKeyId: 'eval', secretAccessKey: 'eval' }, endpoint: s3Endpoint };
    this.#s3 = new S3Client({ region, ...(s3Endpoint && local) });
  }

  /** Puts the documents under `documents/<folder>/` and waits until all are COMPLETED. @throws Error naming those that failed */
  async ingest(folder: string, documents: readonly SetDocument[], onProgress: (done: number) => void): Promise<void> {
    const keys = new Set(documents.map(({ name }) => `documents/${folder}/${name}`));
    await pMap(
      documents,
      ({ name, body }) =>
        this.#s3.send(new PutObjectCommand({ Bucket: this.#bucket, Key: `documents/${folder}/${name}`, Body: body })),
      { concurrency: 8 },
    );
    const deadline = Date.now() + INGEST_TIMEOUT_MS;
    for (;;) {
      const listed = await Array.fromAsync(listDocuments(this.#client, { prefix: `documents/${folder}/` }));
      const ours = listed.filter(({ key }) => keys.has(key));
      const failed = ours.filter(({ status }) => status === 'FAILED');
      if (failed.length > 0) throw new Error(failed.map(({ key, error }) => `${key}: ${error?.message}`).join('\n'));
      const done = ours.filter(hasEnded).length;
      onProgress(done);
      if (done === keys.size)
        return this.#waitForStatistics(Math.max(...ours.map(({ updatedAt }) => Date.parse(updatedAt))));
      if (Date.now() > deadline) throw new Error(`Only ${done} of ${keys.size} documents were ingested in time.`);
      await sleep(1_000);
    }
  }

  /**
   * Ranking needs the rarity of words, counted some seconds after the last document: waits for a count that came after it
   * and that no other has followed. Documents that were there already are not counted anew, so that it waits a minute at most.
   */
  async #waitForStatistics(since: number): Promise<void> {
    const deadline = Date.now() + STATISTICS_TIMEOUT_MS;
    const sinceSecond = since - (since % 1_000); // S3 tells the second of a count alone
    let countedAt = 0;
    while (Date.now() < deadline) {
      const head = await this.#s3
        .send(new HeadObjectCommand({ Bucket: this.#bucket, Key: 'statistics/default.bin' }))
        .catch(() => undefined); // not there yet
      countedAt = head?.LastModified?.getTime() ?? 0;
      if (countedAt >= sinceSecond && Date.now() - countedAt > QUIET_MS) return;
      await sleep(1_000);
    }
    if (countedAt === 0)
      throw new Error(
        'The words of the documents were not counted within a minute: see the log of the counting function.',
      );
  }

  /** Keys of the documents found, best first, each once, and the score of the best. */
  async search(query: string, { folder }: Asked = {}): Promise<{ keys: string[]; evidence: number }> {
    const body = { query, topK: 20, ...(folder && { filter: { folder } }) };
    const { matches, evidence } = await this.#post(searchReply, 'search', body);
    return { keys: [...new Set(matches.map(({ key }) => key))], evidence: evidence ?? matches[0]?.score ?? 0 };
  }

  async ask(message: string, { folder }: Asked = {}): Promise<ChatReply> {
    return this.#post(chatReply, 'chat', { message, ...(folder && { filter: { folder } }) });
  }

  close(): void {
    this.#s3.destroy();
  }

  #post<Shape extends z.ZodType>(shape: Shape, path: string, body: object): Promise<z.infer<Shape>> {
    return this.#client.get(shape, { method: 'POST', path, body });
  }
}
