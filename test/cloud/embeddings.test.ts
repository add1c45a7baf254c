import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { documentIdOf } from '../../lambdas/document.ts';
import { completed, PINECONE_SECRET, type Stack, startStack } from './support/stack.ts';

const WAIT = { timeout: 60_000, interval: 100 };
const detail = z.looseObject({
  status: z.string(),
  versions: z.array(
    z.looseObject({
      version: z.int(),
      chunkCount: z.int().optional(),
      chunksEmbedded: z.int(),
      embeddingsReused: z.int(),
      error: z.object({ code: z.string() }).optional(),
    }),
  ),
});

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => stack.breakDown({}));
afterAll(() => stack?.close());

const put = (key: string, Body: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body }));
const read = async (key: string) => {
  const response = await stack.request(`documents/${documentIdOf('default', key)}`);
  if (response.status === 404) return undefined;
  return detail.parse(await response.json());
};
/** What the archive holds of a document, by version. */
const archived = async (key: string) => {
  const Prefix = `embeddings/${documentIdOf('default', key)}/`;
  const { Contents = [] } = await stack.s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix }));
  return Contents.map(({ Key = '' }) => Key.slice(Prefix.length));
};
/** A chapter is longer than a chunk, so that each has chunks of its own. */
const chapter = (name: string) =>
  `## ${name}\n\n${`The chapter on ${name} says much, and says it often. `.repeat(150)}`;
const book = (...names: string[]) => `# Book\n\n${names.map(chapter).join('\n\n')}`;

describe('embeddings', () => {
  it('are taken over by the next version for what did not change, and archived with each', async () => {
    const key = 'documents/book.md';
    await put(key, book('boats', 'kites', 'bells'));
    await stack.waitForDocuments(completed([key]));
    expect(await archived(key)).toEqual(['000001/manifest.json', '000001/part-000000.f32']);

    await put(key, book('boats', 'kites', 'drums'));
    await stack.waitForDocuments(completed([key], 2));
    const [second, first] = (await read(key))?.versions ?? [];
    expect(first).toMatchObject({ embeddingsReused: 0, chunksEmbedded: first?.chunkCount });
    expect(second).toMatchObject({ chunksEmbedded: second?.chunkCount });
    expect(second?.embeddingsReused).toBeGreaterThan(0);
    expect(second?.embeddingsReused).toBeLessThan(second?.chunkCount ?? 0);
    await expect.poll(() => archived(key), WAIT).toEqual(['000002/manifest.json', '000002/part-000000.f32']);

    await stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: key }));
    await expect.poll(() => archived(key), WAIT).toEqual([]);
  });

  it('of the same content cost no call of the model', async () => {
    const key = 'documents/same.md';
    await put(key, book('wheels'));
    await stack.waitForDocuments(completed([key]));
    await stack.breakDown({ calls: [{ service: 'bedrock', operation: 'InvokeModel', fault: 'error' }] });
    await put(key, book('wheels'));
    await stack.waitForDocuments(completed([key], 2));
    expect((await stack.faults()).injected).toEqual({});
  });
});

describe('a lost index', () => {
  it('is written anew by one message a document', async () => {
    const key = 'documents/lost.md';
    await put(key, book('the lost lagoon'));
    await stack.waitForDocuments(completed([key]));
    const found = async () => {
      const body = JSON.stringify({ query: 'What does the chapter on the lost lagoon say?' });
      const headers = { 'content-type': 'application/json' };
      const response = await stack.request('search', { method: 'POST', headers, body });
      const { matches } = z
        .object({ matches: z.array(z.looseObject({ key: z.string() })) })
        .parse(await response.json());
      return matches.filter(match => match.key === key).length;
    };
    const before = await found();
    expect(before).toBeGreaterThan(0);

    const { url, region } = stack.endpoint;
    const pinecone = new Pinecone({
      apiKey: PINECONE_SECRET['groundwork/pinecone-api-key'],
      controllerHostUrl: `${url}/_pinecone`,
    });
    await pinecone.index({ name: 'groundwork-dev', namespace: 'default' }).deleteAll();
    expect(await found()).toBe(0);

    const sqs = new SQSClient({ endpoint: url, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
    const QueueUrl = QueueUrls.find(name => /EmbedQueue(?!DeadLetters)/.test(name));
    const MessageBody = JSON.stringify({ documentId: documentIdOf('default', key), version: 1, rebuild: true });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    sqs.destroy();
    await expect.poll(found, WAIT).toBe(before);
  });
});

describe('throttling', () => {
  it('of the model and the vector store slows documents down and fails none', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => `documents/throttled/${index}.md`);
    await stack.breakDown({
      seed: 3,
      calls: [
        { service: 'bedrock', operation: 'InvokeModel', fault: 'throttle', rate: 0.4 },
        { service: 'pinecone', operation: 'upsert', fault: 'throttle', rate: 0.4 },
      ],
    });
    for (const key of keys) await put(key, book(`${key} wind`, `${key} rain`));
    await stack.waitForDocuments(completed(keys), 90_000);
    expect(Object.values((await stack.faults()).injected).reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
  });

  it('that lasts sends the message back, tells why, and leaves the document to be completed when it ends', async () => {
    const key = 'documents/patient.md';
    await stack.breakDown({ calls: [{ service: 'bedrock', operation: 'InvokeModel', fault: 'throttle' }] });
    await put(key, book('waiting'));
    await expect.poll(async () => (await read(key))?.versions[0]?.error?.code, WAIT).toBe('service-unavailable');
    expect(await read(key)).toMatchObject({ status: 'PROCESSING', versions: [{ chunksEmbedded: 0 }] });
    await stack.breakDown({});
    await stack.waitForDocuments(completed([key]));
  });
});
