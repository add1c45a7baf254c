import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, PutCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settableClock } from '../support/settable-clock.ts';
import { runCommand } from './support/command.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

const WAIT = { timeout: 90_000, interval: 250 };
const clock = settableClock('2026-01-01T00:00:00Z');
let stack: Stack;
let dynamo: DynamoDBDocumentClient;
beforeAll(async () => {
  stack = await startStack({ clock });
  const { url: endpoint, region } = stack.cloud;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region, credentials }));
});
afterAll(async () => {
  dynamo?.destroy();
  await stack?.close();
});

const job = z.looseObject({
  jobId: z.string(),
  status: z.string(),
  startedBy: z.string(),
  total: z.int(),
  processed: z.int(),
  failed: z.int(),
  mended: z.record(z.string(), z.int()).optional(),
  examples: z.array(z.looseObject({ kind: z.string(), key: z.string().optional() })).optional(),
});
const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const response = await stack.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(response.status).toBe(202);
  return job.parse(await response.json());
};
const show = async (jobId: string) => job.parse(await (await stack.request(`jobs/${jobId}`)).json());
const run = async (path: string, body: object) => {
  const { jobId } = await post(path, body);
  await expect.poll(async () => (await show(jobId)).status, WAIT).not.toBe('RUNNING');
  return show(jobId);
};
const put = (name: string, text: string) =>
  stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: `documents/${name}`, Body: text }));
const remove = (name: string) =>
  stack.s3.send(new DeleteObjectCommand({ Bucket: stack.bucket, Key: `documents/${name}` }));
/** From now on every message to the queue is lost. */
const lose = async (queue: string) => {
  const body = JSON.stringify({ deliveries: [{ queue, lose: 1 }] });
  expect((await fetch(`${stack.cloud.url}/_local/faults`, { method: 'PUT', body })).status).toBe(200);
};
/** How many messages were lost so far under this plan. */
const lost = async () => {
  const report = z.object({ injected: z.record(z.string(), z.int()) });
  const { injected } = report.parse(await (await fetch(`${stack.cloud.url}/_local/faults`)).json());
  return Object.values(injected).reduce((sum, count) => sum + count, 0);
};
const loseNothing = () => fetch(`${stack.cloud.url}/_local/faults`, { method: 'DELETE' });
const keyed = (name: string) => `documents/${name}`;
const idOf = async (name: string) => {
  const found = (await stack.documents()).find(({ key }) => key === keyed(name));
  if (!found) throw new Error(`${name} is not listed`);
  return found.documentId;
};

async function scan(table: string): Promise<Record<string, unknown>[]> {
  const { TableNames = [] } = await dynamo.send(new ListTablesCommand({}));
  const TableName = TableNames.find(name => name.includes(table));
  const items: Record<string, unknown>[] = [];
  for await (const page of paginateScan({ client: dynamo }, { TableName })) {
    items.push(...(page.Items ?? []).map(item => ({ ...item, TableName })));
  }
  return items;
}

async function vectors() {
  const pinecone = new Pinecone({ apiKey: 'test-key', controllerHostUrl: `${stack.cloud.url}/_pinecone` });
  const { host } = await pinecone.indexes.describe(stack.cloud.outputs.VectorIndexName ?? '');
  return pinecone.index({ host: host ?? '', namespace: 'default' });
}
const vectorIds = async (prefix = '') => {
  const { vectors: found = [] } = await (await vectors()).listPaginated({ prefix, limit: 100 });
  return found.map(({ id = '' }) => id);
};
const versionsOf = (ids: readonly string[]) => [...new Set(ids.map(id => id.slice(0, 39)))].sort();

/** Chunks and vectors are exactly those of the live versions, and all other versions are known to be gone. */
async function expectWhole() {
  const outdated = async () => {
    const items = await scan('RecordsDocuments');
    const isLive = (item: Record<string, unknown>) =>
      items.some(
        head => head.version === 0 && head.documentId === item.documentId && head.liveVersion === item.version,
      );
    return items.filter(item => item.version !== 0 && item.status === 'COMPLETED' && !isLive(item)).length;
  };
  await expect.poll(outdated, WAIT).toBe(0);
  const live = (await scan('RecordsDocuments')).filter(item => item.version === 0 && item.liveVersion !== undefined);
  const expected = live.map(item => `${item.documentId}#${String(item.liveVersion).padStart(6, '0')}`).sort();
  await expect.poll(async () => versionsOf(await vectorIds()), WAIT).toEqual(expected);
  const chunks = async () => (await scan('RecordsChunks')).map(item => `${item.documentId}#${item.chunkKey}`);
  await expect.poll(async () => versionsOf(await chunks()), WAIT).toEqual(expected);
  expect((await chunks()).sort()).toEqual((await vectorIds()).sort());
}

describe('a reconcile', () => {
  const names = ['stays', 'unrecorded', 'unindexed', 'deleted', 'overwritten', 'stuck', 'orphan'].map(
    name => `${name}.md`,
  );

  it('mends whatever differs between bucket, registry, chunks and vectors, and says what', async () => {
    for (const name of names) await put(name, `The first secret of ${name} is amber.`);
    await stack.waitForDocuments(completed(names.map(keyed)));
    const [unrecorded, unindexed, orphan] = await Promise.all(['unrecorded.md', 'unindexed.md', 'orphan.md'].map(idOf));

    await lose('*ProcessQueue*');
    await put('stuck.md', 'The second secret of stuck.md is cobalt.');
    await expect.poll(lost, WAIT).toBe(1);
    await lose('*IngestionEvents*');
    await put('new.md', 'The first secret of new.md is jade.');
    await put('overwritten.md', 'The second secret of overwritten.md is cobalt.');
    await remove('deleted.md');
    await remove('orphan.md');
    await loseNothing();
    for (const { documentId, version, TableName } of await scan('RecordsDocuments')) {
      if (documentId !== unrecorded && documentId !== orphan) continue;
      await dynamo.send(new DeleteCommand({ TableName: String(TableName), Key: { documentId, version } }));
    }
    await (await vectors()).deleteMany({ ids: await vectorIds(unindexed) });

    const done = await run('jobs', { kind: 'INCREMENTAL', quietMinutes: 0 });
    expect(done).toMatchObject({ status: 'COMPLETED', total: 3, processed: 3, failed: 0 });
    expect(done.mended).toMatchObject({ registered: 2, updated: 1, deleted: 1, resent: 1, rebuilt: 1 });
    expect(done.mended?.removed).toBeGreaterThan(0);
    const example = (kind: string) => done.examples?.filter(mend => mend.kind === kind).map(({ key }) => key);
    expect(example('deleted')).toEqual([keyed('deleted.md')]);
    expect(example('updated')).toEqual([keyed('overwritten.md')]);
    expect(example('registered')?.sort()).toEqual([keyed('new.md'), keyed('unrecorded.md')]);

    const left = ['new', 'overwritten', 'stays', 'stuck', 'unindexed', 'unrecorded'].map(name => keyed(`${name}.md`));
    const documents = await stack.waitForDocuments(completed(left));
    expect(documents.map(({ key }) => key).sort()).toEqual(left);
    await expectWhole();
    expect((await stack.ask({ message: 'What is the second secret of overwritten.md?' })).answer).toContain('cobalt');
    expect((await stack.ask({ message: 'What is the first secret of unindexed.md?' })).answer).toContain('amber');
  });

  it('finds nothing to mend the next time', async () => {
    const { status, total, mended } = await run('jobs', { kind: 'INCREMENTAL', quietMinutes: 0 });
    expect({ status, total }).toEqual({ status: 'COMPLETED', total: 0 });
    expect(new Set(Object.values(mended ?? {}))).toEqual(new Set([0]));
  });

  it('runs by itself at two in the morning', async () => {
    clock.set('2026-01-01T02:00:00Z');
    const scheduled = async () => {
      const { jobs } = z.object({ jobs: z.array(job) }).parse(await (await stack.request('jobs')).json());
      return jobs.find(({ startedBy }) => startedBy === 'schedule')?.status;
    };
    await expect.poll(scheduled, WAIT).toBe('COMPLETED');
  });
});

describe('a job', () => {
  it('processes everything under a prefix again, while the old versions answer', async () => {
    await put('batch/one.md', 'The batch of one is small.');
    await put('batch/two.md', 'The batch of two is larger.');
    await stack.waitForDocuments(completed([keyed('batch/one.md'), keyed('batch/two.md')]));
    const done = await run('jobs', { kind: 'BATCH', prefix: 'documents/batch/' });
    expect(done).toMatchObject({ status: 'COMPLETED', total: 2, processed: 2, failed: 0 });
    await stack.waitForDocuments(completed([keyed('batch/one.md'), keyed('batch/two.md')], 2));
    await expectWhole();
  });

  it('processes again what is indexed, or nothing where the model is the same', async () => {
    expect(await run('jobs', { kind: 'REINDEX', models: 'others' })).toMatchObject({ status: 'COMPLETED', total: 0 });
    const count = (await stack.documents('status=COMPLETED')).length;
    expect(await run('jobs', { kind: 'REINDEX' })).toMatchObject({
      status: 'COMPLETED',
      total: count,
      processed: count,
    });
    await expectWhole();
  });

  it('tries again what was given up, with one command', async () => {
    await lose('*ProcessQueue*');
    await put('given-up.md', 'The given-up letter is indigo.');
    await expect.poll(lost, WAIT).toBe(1);
    await loseNothing();
    const documentId = await idOf('given-up.md');
    const error = { code: 'processing-failed', message: 'Given up.' };
    for (const item of await scan('RecordsDocuments')) {
      if (item.documentId !== documentId) continue;
      const { TableName, ...rest } = item;
      await dynamo.send(new PutCommand({ TableName: String(TableName), Item: { ...rest, status: 'FAILED', error } }));
    }

    const { RestUrl = '' } = stack.cloud.outputs;
    const env = { GROUNDWORK_URL: RestUrl, GROUNDWORK_API_KEY: stack.endpoint.apiKey };
    const { stdout } = await runCommand(['redrive'], { env });
    expect(stdout).toContain('No dead-letter queue holds messages.');
    const jobId = /jobs show (\w+)/.exec(stdout)?.[1] ?? '';
    await expect.poll(async () => (await show(jobId)).status, WAIT).toBe('COMPLETED');
    expect(await show(jobId)).toMatchObject({ total: 1, processed: 1, failed: 0 });
    await stack.waitForDocuments(completed([keyed('given-up.md')]));
  });

  it('retries what FAILED with a code', async () => {
    await put('empty.txt', '');
    await put('broken.pdf', '%PDF-1.7 broken');
    await expect.poll(async () => (await stack.documents('status=FAILED')).length, WAIT).toBe(2);
    const done = await run('documents/retry', { code: 'empty-file' });
    expect(done).toMatchObject({ status: 'COMPLETED', total: 1, processed: 0, failed: 1 });
  });
});
