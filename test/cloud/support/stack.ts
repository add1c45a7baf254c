import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { makeKey } from '../../../cli/own-key.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import type { MadeUpUser } from '../../../local/cognito/model.ts';
import type { Clock } from '../../../local/events/clock.ts';
import type { FaultReport } from '../../../local/faults/faults.ts';
import type { FaultPlanInput } from '../../../local/faults/plan.ts';
import { assembly } from './assembly.ts';

const document = z.looseObject({
  documentId: z.string(),
  key: z.string(),
  title: z.string(),
  status: z.enum(['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED']),
  version: z.int(),
  chunkCount: z.int(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  updatedAt: z.string(),
});
export type DocumentSummary = z.infer<typeof document>;

const citation = z.looseObject({
  n: z.int(),
  documentId: z.string(),
  version: z.int(),
  chunkId: z.string(),
  title: z.string(),
  key: z.string(),
  place: z.object({
    page: z.int().optional(),
    sheet: z.string().optional(),
    slide: z.int().optional(),
    section: z.string().optional(),
  }),
  quote: z.string(),
  start: z.int(),
  end: z.int(),
  score: z.number(),
  supported: z.boolean(),
  url: z.url(),
});

export const answerShape = z.looseObject({
  conversationId: z.string(),
  turnId: z.string(),
  answer: z.string(),
  refused: z.boolean(),
  citations: z.array(citation),
  usage: z.object({ inputTokens: z.int(), outputTokens: z.int(), costUsd: z.number() }),
  latencyMs: z.number(),
});
export type Answer = z.infer<typeof answerShape>;

/** What somebody put into Secrets Manager before the deploy. */
export const PINECONE_SECRET = { 'groundwork/pinecone-api-key': 'test-key' };

/** Where a running stack is. */
export interface StackEndpoint {
  readonly url: string;
  readonly restUrl: string;
  readonly bucket: string;
  readonly apiKey: string;
  readonly region: string;
}

/** Groundwork used only through its REST API and S3, as its users would. */
export interface StackAccess {
  readonly endpoint: StackEndpoint;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly logs: readonly string[];
  /** `path` without a leading slash. The API key is sent unless `headers` says otherwise. */
  request(path: string, init?: RequestInit): Promise<Response>;
  ask(question: {
    message: string;
    conversationId?: string;
    parentTurnId?: string | null;
    filter?: object;
    topK?: number;
  }): Promise<Answer>;
  documents(query?: string): Promise<DocumentSummary[]>;
  /** Waits until `accept` holds for all documents. @throws Error with what it saw last, after `timeoutMs` */
  waitForDocuments(accept: (documents: DocumentSummary[]) => boolean, timeoutMs?: number): Promise<DocumentSummary[]>;
  /** Has this go wrong from now on, and nothing else. */
  breakDown(plan: FaultPlanInput): Promise<FaultReport>;
  /** What went wrong on purpose since then. */
  faults(): Promise<FaultReport>;
}

/** A stack that runs within the test's own process. */
export interface Stack extends StackAccess {
  readonly cloud: Cloud;
  close(): Promise<void>;
}

/** @param options `assembly`: another than the dev stage as it is */
export async function startStack(
  options: { state?: string; clock?: Clock; assembly?: string; users?: readonly MadeUpUser[] } = {},
): Promise<Stack> {
  const logs: string[] = [];
  const cloud = await startCloud({
    assembly: options.assembly ?? assembly,
    state: options.state,
    clock: options.clock,
    users: options.users,
    port: 0,
    secrets: PINECONE_SECRET,
    log: { line: (source, text) => void logs.push(`${source}: ${text}`) },
  });
  const { RestUrl: restUrl = '', BucketName: bucket = '' } = cloud.outputs;
  const { url, region } = cloud;
  const apiKey = await makeKey('test', { restUrl, region });
  const access = connect({ url, restUrl, bucket, apiKey, region }, logs);
  return {
    ...access,
    cloud,
    async close() {
      access.s3.destroy();
      await cloud.close();
    },
  };
}

/** @param logs what the local cloud says, as it comes */
export function connect(endpoint: StackEndpoint, logs: readonly string[]): StackAccess {
  const { url, restUrl, bucket, apiKey, region } = endpoint;
  const s3 = new S3Client({
    endpoint: url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  const request: StackAccess['request'] = (path, init) =>
    fetch(`${restUrl}${path}`, { ...init, headers: { 'x-api-key': apiKey, ...init?.headers } });

  const documents: StackAccess['documents'] = async (query = '') => {
    const found: DocumentSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = new URLSearchParams(query);
      page.set('limit', '100');
      if (cursor) page.set('cursor', cursor);
      const response = await request(`documents?${page}`);
      if (response.status !== 200) throw new Error(`GET /documents: ${response.status} ${await response.text()}`);
      const body = z
        .object({ documents: z.array(document), cursor: z.string().optional() })
        .parse(await response.json());
      found.push(...body.documents);
      cursor = body.cursor;
    } while (cursor);
    return found;
  };

  const faults = async (init?: RequestInit): Promise<FaultReport> => {
    const response = await fetch(`${url}/_local/faults`, init);
    if (response.status !== 200) throw new Error(`/_local/faults: ${response.status} ${await response.text()}`);
    return (await response.json()) as FaultReport;
  };

  return {
    endpoint,
    s3,
    bucket,
    logs,
    request,
    documents,
    async ask(question) {
      const response = await request('chat', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(question),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`POST /chat: ${response.status} ${text}`);
      return answerShape.parse(JSON.parse(text));
    },
    async waitForDocuments(accept, timeoutMs = 60_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const seen = await documents();
        if (accept(seen)) return seen;
        if (Date.now() > deadline) {
          const states = seen.map(({ key, status, error }) => `${key} ${status} ${error?.code ?? ''}`);
          throw new Error(
            `Waited ${timeoutMs} ms in vain. Documents:\n${states.join('\n')}\nLog:\n${logs.slice(-40).join('\n')}`,
          );
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    },
    breakDown: plan => faults({ method: 'PUT', body: JSON.stringify(plan) }),
    faults: () => faults(),
  };
}

/** All of `keys` have ended, whatever came out. */
export const ended =
  (keys: readonly string[]) =>
  (documents: DocumentSummary[]): boolean =>
    keys.every(key =>
      documents.some(document => document.key === key && ['COMPLETED', 'FAILED'].includes(document.status)),
    );

/** All of `keys` are COMPLETED, in at least this version. */
export const completed =
  (keys: readonly string[], version = 1) =>
  (documents: DocumentSummary[]): boolean =>
    keys.every(key =>
      documents.some(
        document => document.key === key && document.status === 'COMPLETED' && document.version >= version,
      ),
    );
