/**
 * How fast documents become answerable, at zero latency and at that of the real services (60 ms to embed a text, 40 ms to
 * write vectors), beside the ideal: every call that the settings allow under way until the last. Twice: the story alone,
 * in one process on stores in memory, and through the deployed path, the real bundles on the local cloud, which shares
 * its processors with everything that AWS would run elsewhere. Arguments: documents for the story, for the deployed path.
 */
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { makeKey } from '../cli/own-key.ts';
import { synthesize } from '../cli/synthesize.ts';
import { type Cloud, startCloud } from '../local/cloud.ts';
import type { FaultPlanInput } from '../local/faults/plan.ts';
import { watchChildren } from './child-memory.ts';
import { benchDocument } from './documents.ts';
import type { StoryResult } from './ingest-story.ts';

const root = join(import.meta.dirname, '..');
const [storyDocuments = 500, deployedDocuments = 60] = process.argv.slice(3).map(Number);
const documentBytes = 4_000;
const latencies = [
  { name: 'zero latency', embedMs: 0, upsertMs: 0 },
  { name: 'embed 60 ms, upsert 40 ms', embedMs: 60, upsertMs: 40 },
];
type Latency = (typeof latencies)[number];
const runs = 3;
const limitMs = 300_000;

const rate = (count: number, seconds: number) => (count / seconds).toFixed(1);

async function story({ embedMs, upsertMs }: Latency): Promise<StoryResult> {
  const file = join(import.meta.dirname, 'ingest-story.ts');
  const args = [file, embedMs, upsertMs, storyDocuments, documentBytes].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as StoryResult; // our own program's
}

async function benchStory(latency: Latency): Promise<void> {
  const results: StoryResult[] = [];
  for (let run = 0; run < runs; run += 1) results.push(await story(latency));
  const [best] = results.toSorted((a, b) => a.embedding.seconds - b.embedding.seconds);
  if (!best) return;
  const { documents, chunks, slots, processing, embedding, idealSeconds, peakMegabytes } = best;
  console.log(`story alone, ${latency.name} (best of ${runs}; ${documents} documents, ${chunks} chunks)`);
  console.log(
    `  processing  ${rate(documents, processing.seconds)} documents/s, ${rate(chunks, processing.seconds)} chunks/s`,
  );
  console.log(
    `  embedding   ${rate(documents, embedding.seconds)} documents/s, ${rate(chunks, embedding.seconds)} chunks/s`,
  );
  if (idealSeconds > 0) {
    const ratio = (embedding.seconds / idealSeconds).toFixed(2);
    console.log(
      `  ideal       ${idealSeconds.toFixed(2)} s with ${slots} calls at a time; ${embedding.seconds.toFixed(2)} s is ${ratio} times that`,
    );
  }
  const cpu = ((processing.cpuSeconds + embedding.cpuSeconds) * 1_000) / documents;
  console.log(`  ${cpu.toFixed(1)} ms of processor a document, peak memory ${peakMegabytes.toFixed(0)} MB`);
}

const faultsOf = ({ embedMs, upsertMs }: Latency): FaultPlanInput => ({
  calls: [
    { service: 'bedrock' as const, operation: 'InvokeModel', fault: 'delay' as const, delayMs: embedMs },
    { service: 'pinecone' as const, operation: 'upsert', fault: 'delay' as const, delayMs: upsertMs },
  ].filter(({ delayMs }) => delayMs > 0),
});

async function benchDeployed(cloud: Cloud, latency: Latency, folder: string): Promise<void> {
  await fetch(`${cloud.url}/_local/faults`, { method: 'PUT', body: JSON.stringify(faultsOf(latency)) });
  const { BucketName: Bucket = '' } = cloud.outputs;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const s3 = new S3Client({ endpoint: cloud.url, region: cloud.region, credentials });
  const memory = watchChildren();
  const startedAt = performance.now();
  const numbers = Array.from({ length: deployedDocuments }, (_, number) => number);
  const put = (number: number) =>
    s3.send(
      new PutObjectCommand({
        Bucket,
        Key: `documents/${folder}/${number}.md`,
        Body: benchDocument(number, documentBytes),
      }),
    );
  await pMap(numbers, put, { concurrency: 16 });
  const chunks = await untilCompleted(cloud, folder);
  const seconds = (performance.now() - startedAt) / 1_000;
  memory.stop();
  s3.destroy();
  const { largestMegabytes, allMegabytes } = memory.peak;
  console.log(`deployed path, ${latency.name} (${deployedDocuments} documents, ${chunks} chunks)`);
  console.log(
    `  upload to answerable ${rate(deployedDocuments, seconds)} documents/s, ${rate(chunks, seconds)} chunks/s`,
  );
  console.log(
    `  peak memory of the largest function ${largestMegabytes.toFixed(0)} MB, of all ${allMegabytes.toFixed(0)} MB`,
  );
}

/** @returns how many chunks the documents have */
async function untilCompleted(cloud: Cloud, folder: string): Promise<number> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const documents = await list(cloud, folder);
    const failed = documents.find(({ status }) => status === 'FAILED');
    if (failed) throw new Error(`${failed.key} FAILED`);
    const completed = documents.filter(({ status }) => status === 'COMPLETED');
    if (completed.length === deployedDocuments) return completed.reduce((sum, { chunkCount }) => sum + chunkCount, 0);
    if (Date.now() > deadline)
      throw new Error(`${completed.length} of ${deployedDocuments} documents in ${limitMs} ms`);
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

interface Listed {
  readonly key: string;
  readonly status: string;
  readonly chunkCount: number;
}

async function list(cloud: Cloud, folder: string): Promise<Listed[]> {
  const found: Listed[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '100', prefix: `documents/${folder}/`, ...(cursor && { cursor }) });
    const headers = { 'x-api-key': apiKey };
    const response = await fetch(`${cloud.outputs.RestUrl}documents?${query}`, { headers });
    if (!response.ok) throw new Error(`GET /documents: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as { documents: Listed[]; cursor?: string }; // our own API's
    found.push(...page.documents);
    cursor = page.cursor;
  } while (cursor);
  return found;
}

console.log(
  `load of this machine: ${loadavg()
    .map(load => load.toFixed(1))
    .join(', ')}`,
);
for (const latency of latencies) await benchStory(latency);

const assembly = join(root, 'dist', 'bench', 'cdk.out');
await synthesize({ root, assembly, stage: 'dev' });
const cloud = await startCloud({ assembly, port: 0, secrets: { 'groundwork/pinecone-api-key': 'bench-key' } });
const apiKey = await makeKey('bench', { restUrl: cloud.outputs.RestUrl ?? '', region: cloud.region });
try {
  await benchDeployed(cloud, { name: 'warm-up', embedMs: 0, upsertMs: 0 }, 'warm-up');
  for (const [index, latency] of latencies.entries()) await benchDeployed(cloud, latency, `run-${index}`);
} finally {
  await cloud.close();
}
console.log(
  `load of this machine: ${loadavg()
    .map(load => load.toFixed(1))
    .join(', ')}`,
);
