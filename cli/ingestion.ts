import { setTimeout as delay } from 'node:timers/promises';
import pMap from 'p-map';
import type { Client } from './client.ts';
import type { Surroundings } from './command.ts';
import { CommandError } from './command-error.ts';
import { hasEnded, listDocuments } from './documents.ts';
import { md5Of } from './entity-tag.ts';
import type { LocalFile } from './local-files.ts';
import { compare, type FileHashes, surplus } from './mirror.ts';
import type { Document } from './shapes.ts';
import { upload } from './upload.ts';

const POLL_MS = 500;
/** Clocks of this machine and of the API may differ by so much. */
const CLOCK_SKEW_MS = 10 * 60_000;

export interface IngestionOptions {
  readonly files: readonly LocalFile[];
  /** Of the bucket. */
  readonly folder: string;
  readonly hashes: FileHashes;
  readonly concurrency: number;
  readonly mirrors: boolean;
  readonly dryRun: boolean;
  readonly waits: boolean;
}

/** One run: what differs is uploaded, what is gone is deleted if that is wanted, and the end of each document is told. */
export class Ingestion {
  readonly #to: Pick<Surroundings, 'output' | 'progress' | 'signal'>;
  readonly #client: Client;
  readonly #options: IngestionOptions;
  readonly #counts = { uploaded: 0, unchanged: 0, deleted: 0, failed: 0 };
  /** ETag by key of what was uploaded and has not ended. */
  readonly #underWay = new Map<string, string>();

  constructor(to: Pick<Surroundings, 'output' | 'progress' | 'signal'>, client: Client, options: IngestionOptions) {
    this.#to = to;
    this.#client = client;
    this.#options = options;
  }

  /** @returns how many files or documents failed */
  async run(): Promise<number> {
    const { files, concurrency, folder, mirrors, waits } = this.#options;
    const { progress, output } = this.#to;
    const startedAt = Date.now();
    progress.step('Looking what is there');
    const documents = await this.#documents({ prefix: folder });
    progress.done(`${documents.size} documents, ${files.length} files`);
    progress.step('Uploading');
    let done = 0;
    await pMap(
      files,
      async file => {
        await this.#bring(file, documents.get(file.key));
        done += 1;
        progress.update(bar(done, files.length));
      },
      { concurrency, signal: this.#to.signal },
    );
    if (mirrors) await pMap(surplus(documents, files), document => this.#delete(document), { concurrency });
    progress.done(`${this.#counts.uploaded} of ${files.length}`);
    if (waits && this.#underWay.size > 0) await this.#waitForEnds(startedAt);
    const { uploaded, unchanged, deleted, failed } = this.#counts;
    output.result(
      { action: 'finished', ...this.#counts },
      `${uploaded} uploaded, ${unchanged} unchanged, ${deleted} deleted, ${failed} failed`,
    );
    return failed;
  }

  async #documents(query: Readonly<Record<string, string>>): Promise<Map<string, Document>> {
    const documents = new Map<string, Document>();
    for await (const document of listDocuments(this.#client, query)) documents.set(document.key, document);
    return documents;
  }

  /** The sidecar first, so that nobody reads for a moment what they may not. */
  async #bring(file: LocalFile, document: Document | undefined): Promise<void> {
    const { key, path, sidecar } = file;
    try {
      const difference = await compare(file, document, this.#options.hashes);
      if (!difference.file && !difference.sidecar) {
        this.#counts.unchanged += 1;
        return this.#tellUnchanged(file, document);
      }
      if (!this.#options.dryRun) {
        const { signal } = this.#to;
        if (sidecar && difference.sidecar)
          await upload(this.#client, sidecar, `${key}.metadata.json`, await md5Of(sidecar), signal);
        if (difference.file) {
          await upload(this.#client, path, key, difference.md5, signal);
          this.#underWay.set(key, difference.md5);
        }
      }
      this.#counts.uploaded += 1;
      this.#to.output.result({ action: 'uploaded', key, path }, `+ ${key}`);
    } catch (error) {
      this.#fail(error, key, path);
    }
  }

  #tellUnchanged({ key, path }: LocalFile, document: Document | undefined): void {
    const { output } = this.#to;
    if (output.json) output.result({ action: 'unchanged', key, path, status: document?.status });
    if (document?.error) output.line(`! ${key} is unchanged, and FAILED: ${document.error.message}`);
  }

  async #delete({ documentId, key }: Document): Promise<void> {
    try {
      if (!this.#options.dryRun) await this.#client.call({ method: 'DELETE', path: `documents/${documentId}` });
      this.#counts.deleted += 1;
      this.#to.output.result({ action: 'deleted', key }, `- ${key}`);
    } catch (error) {
      this.#fail(error, key);
    }
  }

  /** One file that fails does not stop the others. */
  #fail(error: unknown, key: string, path?: string): void {
    this.#to.signal.throwIfAborted();
    const message = error instanceof CommandError || isOfFile(error) ? error.message : undefined;
    if (message === undefined) throw error;
    this.#counts.failed += 1;
    this.#to.output.result({ action: 'failed', key, ...(path && { path }), error: message }, `! ${key}: ${message}`);
  }

  async #waitForEnds(startedAt: number): Promise<void> {
    const { progress, signal, output } = this.#to;
    const total = this.#underWay.size;
    const query = { prefix: this.#options.folder, updatedAfter: new Date(startedAt - CLOCK_SKEW_MS).toISOString() };
    progress.step('Processing');
    while (this.#underWay.size > 0) {
      for (const document of (await this.#documents(query)).values()) {
        const { key, status, eTag, chunkCount, error } = document;
        if (!hasEnded(document) || this.#underWay.get(key) !== eTag) continue;
        this.#underWay.delete(key);
        if (error) this.#counts.failed += 1;
        const text = error ? `! ${key} ${status}: ${error.message}` : `✓ ${key}: ${chunkCount} chunks`;
        output.result({ action: 'ended', ...document }, text);
      }
      progress.update(bar(total - this.#underWay.size, total));
      if (this.#underWay.size > 0) await delay(POLL_MS, undefined, { signal });
    }
    progress.done(`${total} documents`);
  }
}

/** The file vanished, or may not be read. */
const isOfFile = (error: unknown): error is Error => error instanceof Error && 'code' in error && 'path' in error;

const WIDTH = 24;

/** `██████░░░░ 6 of 10`. */
function bar(done: number, total: number): string {
  const filled = total === 0 ? WIDTH : Math.round((WIDTH * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${total}`;
}
