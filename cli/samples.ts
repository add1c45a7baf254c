import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Endpoints } from './endpoints.ts';

const documentList = z.object({
  documents: z.array(
    z.object({ key: z.string(), status: z.string(), error: z.object({ message: z.string() }).optional() }),
  ),
  cursor: z.string().optional(),
});

/** The sample documents: Groundwork's own guides, and a made-up handbook. Keys by file. */
async function sampleFiles(root: string): Promise<{ path: string; key: string }[]> {
  const files: { path: string; key: string }[] = [];
  for (const [folder, pattern] of [
    ['guides', 'docs/*.md'],
    ['handbook', 'samples/handbook/*'],
  ] as const) {
    const paths = await Array.fromAsync(glob(pattern, { cwd: root }));
    for (const path of paths.sort())
      files.push({ path: join(root, path), key: `documents/${folder}/${basename(path)}` });
  }
  return files;
}

/**
 * Uploads the samples and waits until each has ended COMPLETED or FAILED.
 * @throws Error when one failed, or not all have ended after two minutes
 */
export async function ingestSamples(
  root: string,
  endpoints: Endpoints,
  onProgress: (done: number, total: number) => void,
): Promise<number> {
  const files = await sampleFiles(root);
  const client = new S3Client({
    endpoint: endpoints.s3Endpoint,
    region: endpoints.region,
    credentials: { accessKeyId: 'samples', secretAccessKey: 'samples' },
  });
  for (const { path, key } of files) {
    await client.send(new PutObjectCommand({ Bucket: endpoints.bucket, Key: key, Body: await readFile(path) }));
  }
  client.destroy();
  const keys = new Set(files.map(({ key }) => key));
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    const documents = (await listDocuments(endpoints)).filter(({ key }) => keys.has(key));
    const failed = documents.filter(({ status }) => status === 'FAILED');
    if (failed.length > 0)
      throw new Error(`The sample ${failed[0]?.key} could not be ingested: ${failed[0]?.error?.message}`);
    const done = documents.filter(({ status }) => status === 'COMPLETED').length;
    onProgress(done, files.length);
    if (done === files.length) return done;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error('The samples were not ingested within two minutes. The lines above say what each function did.');
}

async function listDocuments(endpoints: Endpoints): Promise<z.infer<typeof documentList>['documents']> {
  const response = await fetch(`${endpoints.restUrl}documents?limit=100`, {
    headers: { 'x-api-key': endpoints.apiKey },
  });
  if (!response.ok) throw new Error(`GET /documents answered ${response.status}: ${await response.text()}`);
  return documentList.parse(await response.json()).documents;
}
