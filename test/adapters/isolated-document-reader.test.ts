import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isolatedDocumentReader } from '../../lambdas/adapters/isolated-document-reader.ts';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { fileOf, readWhole } from '../contracts/document-reader.ts';
import { isAlive, until } from '../local/lambda-fixture.ts';

/** Processes that do what the key of the file says; otherwise they answer with their environment and process id. */
const PROCESS = `
import { existsSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
process.on('disconnect', () => process.exit());
const kept = [];
const answers = {
  crash: () => { throw new Error('the parser broke'); },
  exit: () => process.exit(7),
  hang: () => { for (;;); },
  heap: () => { for (;;) kept.push(new Array(10_000).fill({})); },
  buffers: () => setInterval(() => kept.push(Buffer.alloc(16_000_000, 1)), 5),
  nonsense: () => process.send({ type: 'chunks', chunks: [{ index: -1 }] }),
  files: () => say(tried(() => readFileSync('/etc/hostname')) + ' ' + tried(() => spawnSync('true'))),
};
const tried = act => { try { act(); return 'done'; } catch (error) { return error.code; } };
const say = title => process.send({ type: 'read', title, chunkCount: 0 });
process.on('message', ({ type, key, size }) => {
  if (type !== 'read') return;
  process.stdin.on('data', () => undefined);
  (answers[key] ?? (() => say(JSON.stringify({ pid: process.pid, names: Object.keys(process.env) }))))();
});
`;

describe('a file that is read in a process apart', () => {
  let folder: string;
  let reader: ReturnType<typeof isolatedDocumentReader>;
  const makeReader = () =>
    isolatedDocumentReader({
      entry: pathToFileURL(join(folder, 'process.mjs')),
      memoryMegabytes: 200,
      chunking: { targetTokens: 100, overlapTokens: 10 },
    });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reading-'));
    writeFileSync(join(folder, 'process.mjs'), PROCESS);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(() => reader.close());

  const read = (key: string, timeLimitMs = 10_000) =>
    readWhole(reader, { ...fileOf('x'.repeat(300_000), key, 60_000), timeLimitMs });
  const describeProcess = async (): Promise<{ pid: number; names: string[] }> =>
    JSON.parse((await read('describe')).title ?? '');

  it('shares its process with the next file', async () => {
    reader = makeReader();
    expect((await describeProcess()).pid).toBe((await describeProcess()).pid);
  });

  it('is read without credentials and without anything else of the environment', async () => {
    reader = makeReader();
    expect(
      (await describeProcess()).names.filter(name => !/^(TZ|LD_LIBRARY_PATH|NODE_CHANNEL_.*)$/.test(name)),
    ).toEqual([]);
  });

  it('can neither open files nor start programs', async () => {
    reader = makeReader();
    expect((await read('files')).title).toBe('ERR_ACCESS_DENIED ERR_ACCESS_DENIED');
  });

  it.each([
    ['breaks the parser', 'crash', /the parser broke/],
    ['ends the process', 'exit', /ended with 7/],
    ['makes the process talk nonsense', 'nonsense', /index/],
  ])('fails an attempt, to be repeated, when it %s', async (_, key, message) => {
    reader = makeReader();
    const attempt = read(key);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.not.toBeInstanceOf(UnreadableDocument);
  });

  it.each([
    ['hangs', 'hang', 'parse-timeout'],
    ['fills the heap', 'heap', 'too-complex'],
    ['fills the memory beside the heap', 'buffers', 'too-complex'],
  ])('is unreadable when it %s, and leaves no process behind', async (_, key, code) => {
    reader = makeReader();
    const { pid } = await describeProcess();
    await expect(read(key, key === 'hang' ? 500 : 20_000)).rejects.toMatchObject({ name: 'UnreadableDocument', code });
    await until(() => !isAlive(pid), 'the process is gone');
    expect((await describeProcess()).pid).not.toBe(pid);
  });

  it('is not to blame when the bucket is slow', async () => {
    reader = makeReader();
    const pieces = async function* () {
      yield Buffer.from('x');
      await new Promise(resolve => setTimeout(resolve, 2_000));
    };
    const attempt = readWhole(reader, { key: 'hang', size: 2, timeLimitMs: 300, pieces: pieces() });
    await expect(attempt).rejects.toThrow('could not be fetched');
  });

  it('ends with the function that it was read for', async () => {
    reader = makeReader();
    const { pid } = await describeProcess();
    reader.close();
    await until(() => !isAlive(pid), 'the process is gone');
  });
});
