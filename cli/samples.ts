import { createHash } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Client } from './client.ts';
import { hasEnded, listDocuments } from './documents.ts';
import { md5Of } from './entity-tag.ts';
import { jsonOf } from './json-of.ts';
import { readIfThere } from './read-if-there.ts';
import type { Document } from './shapes.ts';
import { upload } from './upload.ts';

const POLL_MS = 250;
const PATIENCE_MS = 120_000;

/** What has been uploaded, by key: a sample is uploaded again only when its file has changed. */
const uploadedSchema = z.record(z.string(), z.object({ sha256: z.string(), ended: z.boolean() }));
type Uploaded = z.infer<typeof uploadedSchema>;

interface Sample {
  readonly key: string;
  readonly path: string;
  readonly sha256: string;
}

export interface IngestedSamples {
  readonly ended: readonly Document[];
  /** How many had not ended when patience did. */
  readonly unfinished: number;
}

export interface SampleOptions {
  /** The repository. */
  readonly root: string;
  /** Where to remember what has been uploaded. */
  readonly record: string;
  readonly client: Client;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Uploads the samples that are new or have changed, and waits until each has ended. Whoever deletes a sample does not
 * find it again at the next start.
 * @returns undefined when there was nothing to do
 * @throws AbortError
 */
export async function ingestSamples(options: SampleOptions): Promise<IngestedSamples | undefined> {
  const { client, record, signal } = options;
  const uploaded = await readRecord(record);
  const remember = () => writeFile(record, `${JSON.stringify(uploaded, undefined, 2)}\n`);
  const samples = await readSamples(options.root);
  const changed = samples.filter(({ key, sha256 }) => uploaded[key]?.sha256 !== sha256);
  const versions = changed.length > 0 ? await versionsOf(client) : new Map<string, number>();
  for (const { key, path, sha256 } of changed) {
    signal.throwIfAborted();
    await upload(client, path, key, await md5Of(path), signal);
    // Each at once: what is in the bucket is ingested, even if this process ends here.
    uploaded[key] = { sha256, ended: false };
    await remember();
  }
  const waitedFor = samples.map(({ key }) => key).filter(key => uploaded[key]?.ended === false);
  if (waitedFor.length === 0) return undefined;
  const minimum = new Map(changed.map(({ key }) => [key, (versions.get(key) ?? 0) + 1]));
  const ended = await waitForEnd(options, new Map(waitedFor.map(key => [key, minimum.get(key) ?? 1])));
  for (const { key, status } of ended) {
    // One that failed is uploaded again at the next start: a sample ought to be readable.
    if (status === 'FAILED') delete uploaded[key];
    else uploaded[key] = { sha256: uploaded[key]?.sha256 ?? '', ended: true };
  }
  await remember();
  return { ended, unfinished: waitedFor.length - ended.length };
}

/** Groundwork's own guides, and a made-up handbook. */
async function readSamples(root: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const [folder, pattern] of [
    ['guides', 'docs/*.md'],
    ['handbook', 'samples/handbook/*'],
  ] as const) {
    // But for what holds no answers: the index, and the long tables of the API's reference.
    for (const name of (
      await Array.fromAsync(glob(pattern, { cwd: root, exclude: ['docs/README.md', 'docs/api.md'] }))
    ).sort()) {
      const path = join(root, name);
      const sha256 = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      samples.push({ key: `documents/${folder}/${basename(path)}`, path, sha256 });
    }
  }
  return samples;
}

/** A record that cannot be understood is none: the samples are uploaded once more. */
async function readRecord(file: string): Promise<Uploaded> {
  const parsed = jsonOf(uploadedSchema).safeParse(await readIfThere(file));
  return parsed.success ? parsed.data : {};
}

async function versionsOf(client: Client): Promise<Map<string, number>> {
  const documents = await Array.fromAsync(listDocuments(client));
  return new Map(documents.map(({ key, version }) => [key, version]));
}

/** @param minimum the version to wait for, by key */
async function waitForEnd(
  { client, signal, onProgress }: SampleOptions,
  minimum: ReadonlyMap<string, number>,
): Promise<Document[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const ended: Document[] = [];
    for await (const document of listDocuments(client)) {
      const version = minimum.get(document.key);
      if (version !== undefined && document.version >= version && hasEnded(document)) ended.push(document);
    }
    onProgress(ended.length, minimum.size);
    if (ended.length === minimum.size || Date.now() > deadline) return ended;
    await delay(POLL_MS, undefined, { signal });
  }
}
