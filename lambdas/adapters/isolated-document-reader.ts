import { fork } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Chunk } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import { type ChunkOptions, withinBounds } from '../ingest/chunk-packer.ts';
import { unreadable } from '../ingest/parse/unreadable.ts';
import type { DocumentFile, DocumentReader, ReadSummary } from '../ingest/ports.ts';
import { type ReadRequest, readingMessage } from '../ingest/reading-messages.ts';
import { residentMegabytes } from './resident-memory.ts';

export interface IsolationOptions {
  /** The file that the reading process runs; it may read its folder, and no other file. */
  readonly entry: URL;
  /** What the reading process may hold in memory, all in all. */
  readonly memoryMegabytes: number;
  readonly chunking: ChunkOptions;
}

type StoreChunks = (chunks: readonly Chunk[]) => Promise<void>;

/** Node itself, and objects that V8 has made just now. */
const baseMegabytes = 96;
/** Of what is left; the rest is for buffers, which live outside of V8's heap. */
const heapShare = 0.75;
const memoryCheckMs = 50;
/** Characters kept of what a process says before it ends. */
const lastWords = 4_000;

/**
 * Reads files in a process apart, which is kept for the next file and replaced after any fault. A file that takes too
 * long is unreadable as `parse-timeout`, one that takes too much memory as `too-complex`; a crash is an error of this
 * attempt alone. `close` ends the process that waits for the next file.
 */
export function isolatedDocumentReader(options: IsolationOptions): DocumentReader & { close(): void } {
  let idle: ReadingProcess | undefined = new ReadingProcess(options); // starts while the function does
  const read: DocumentReader = async (file, store) => {
    const process = idle?.isSound ? idle : new ReadingProcess(options);
    idle = undefined;
    try {
      return await process.read(file, store);
    } finally {
      if (process.isSound && !idle) idle = process;
      else process.kill();
    }
  };
  return Object.assign(read, { close: () => idle?.kill() });
}

class ReadingProcess {
  readonly #options: IsolationOptions;
  readonly #child: ReturnType<typeof startProcess>;
  #said = '';
  #sound = true;

  constructor(options: IsolationOptions) {
    this.#options = options;
    this.#child = startProcess(options);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-lastWords);
    });
    this.#child.stdin.on('error', () => this.kill()); // it takes no bytes any more; its end says why
    const noteEnd = () => {
      this.#sound = false;
    };
    this.#child.on('exit', noteEnd).on('error', noteEnd); // of a process that waits; another takes its place
  }

  /** It waits for its first file, or has read the last one to its end. */
  get isSound(): boolean {
    return this.#sound;
  }

  kill(): void {
    this.#sound = false;
    this.#child.kill('SIGKILL');
  }

  async read(file: DocumentFile, store: StoreChunks): Promise<ReadSummary> {
    this.#sound = false;
    const { key, size, timeLimitMs, formats } = file;
    const chunking = withinBounds({ ...this.#options.chunking, ...file.chunking });
    const read = Promise.withResolvers<ReadSummary>();
    const outcome = Promise.withResolvers<ReadSummary>();
    const clock = new Clock();
    const onMessage = (message: unknown) => {
      const received = this.#receive(message, chunks => clock.exclude(store(chunks)));
      received.then(summary => summary && read.resolve(summary), outcome.reject);
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null) => outcome.reject(this.#whyEnded(code, signal));
    const timer = setTimeout(() => outcome.reject(clock.verdict(timeLimitMs)), timeLimitMs);
    const watch = setInterval(() => {
      if (this.#holdsTooMuch()) outcome.reject(unreadable('too-complex'));
    }, memoryCheckMs);
    this.#child.on('message', onMessage).on('exit', onExit).on('error', outcome.reject);
    try {
      this.#child.send({ type: 'read', key, size, chunking, formats } satisfies ReadRequest);
      Promise.all([read.promise, this.#feed(file.pieces, clock)]).then(
        ([summary]) => outcome.resolve(summary),
        outcome.reject,
      );
      const summary = await outcome.promise;
      this.#sound = true;
      return summary;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      this.#child.off('message', onMessage).off('exit', onExit).off('error', outcome.reject);
    }
  }

  /** @returns the summary when the file is read */
  async #receive(raw: unknown, store: StoreChunks): Promise<ReadSummary | undefined> {
    const message = readingMessage.parse(raw);
    switch (message.type) {
      case 'chunks':
        await store(message.chunks);
        this.#child.send({ type: 'stored' });
        return undefined;
      case 'read':
        return { chunkCount: message.chunkCount, ...(message.title !== undefined && { title: message.title }) };
      case 'unreadable':
        throw new UnreadableDocument(message.code, message.message);
      case 'failed':
        throw new Error(`Reading the file failed: ${message.error}`);
    }
  }

  /** Writes the file's bytes as fast as they are taken. */
  async #feed(pieces: AsyncIterable<Uint8Array>, clock: Clock): Promise<void> {
    const source = pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await clock.exclude(source.next());
        if (done) return;
        const failure = await new Promise(resolve => this.#child.stdin.write(value, resolve));
        if (failure) return; // the process has ended, and says why by its end
      }
    } finally {
      await source.return?.();
    }
  }

  #holdsTooMuch(): boolean {
    const { pid } = this.#child;
    const resident = pid === undefined ? undefined : residentMegabytes(pid);
    return resident !== undefined && resident > this.#options.memoryMegabytes;
  }

  #whyEnded(code: number | null, signal: NodeJS.Signals | null): Error {
    if (this.#said.includes('heap out of memory')) return unreadable('too-complex');
    return new Error(`The process that read the file ended with ${signal ?? code}: ${this.#said.trim()}`);
  }
}

/** Tells the time that a file takes by itself from the time that the bucket and the chunk store take. */
class Clock {
  readonly #running = new Set<{ readonly since: number }>();
  #excludedMs = 0;

  /** The time of this work is not the file's. */
  async exclude<Result>(work: Promise<Result>): Promise<Result> {
    const run = { since: performance.now() };
    this.#running.add(run);
    try {
      return await work;
    } finally {
      this.#running.delete(run);
      this.#excludedMs += performance.now() - run.since;
    }
  }

  /** Why so many milliseconds were not enough. */
  verdict(timeLimitMs: number): Error {
    const now = performance.now();
    const excludedMs = [...this.#running].reduce((sum, { since }) => sum + now - since, this.#excludedMs);
    if (excludedMs < timeLimitMs / 2) return unreadable('parse-timeout');
    return new Error(`Within ${timeLimitMs} ms the file could not be fetched and its chunks stored`);
  }
}

/** Without credentials, or any part of this process's environment but the way to its libraries. */
function startProcess({ entry, memoryMegabytes }: IsolationOptions) {
  const path = realpathSync(fileURLToPath(entry));
  const child = fork(path, {
    execArgv: [
      `--max-old-space-size=${Math.floor((memoryMegabytes - baseMegabytes) * heapShare)}`,
      '--permission',
      `--allow-fs-read=${dirname(path)}${sep}`,
    ],
    env: { TZ: 'UTC', ...(process.env.LD_LIBRARY_PATH && { LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH }) },
    stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
  });
  const { stdin, stderr } = child;
  if (!stdin || !stderr) throw new Error('The reading process has no standard input or error'); // `stdio` asks for them
  // While it waits for a file it is no reason for this process to stay.
  child.unref();
  child.channel?.unref();
  return Object.assign(child, { stdin, stderr });
}
