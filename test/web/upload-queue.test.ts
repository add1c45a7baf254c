import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DocumentDetail, DocumentRow } from '../../web/api/documents.ts';
import { Unreachable } from '../../web/api/problems.ts';
import { forgetUploads, storeOf, UPLOADS } from '../../web/documents/stored-uploads.ts';
import { type UploadPorts, UploadQueue } from '../../web/documents/upload-queue.ts';

interface Sending {
  readonly name: string;
  readonly finish: (eTag: string) => void;
  readonly fail: (error: unknown) => void;
  readonly progress: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A bucket and an API by hand. */
function world() {
  const sending: Sending[] = [];
  const rows: DocumentRow[] = [];
  const stored = new Map<string, string>();
  const createUpload = vi.fn<UploadPorts['documents']['createUpload']>(async ({ name, folder = '' }) => ({
    ...{
      documentId: `id-${name}`,
      key: `documents/${folder}${name}`,
      upload: { url: 'https://bucket.test', fields: {} },
    },
    ...{ maxBytes: 1_000, expiresAt: '2026-11-21T12:00:00Z' },
  }));
  const ports: UploadPorts = {
    documents: {
      createUpload,
      list: async () => ({ documents: [...rows] }),
      get: async id => {
        const row = rows.find(({ documentId }) => documentId === id);
        if (!row) throw new Error('404');
        return { ...row, versions: [] } satisfies DocumentDetail;
      },
    },
    send: (_, file, progress, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => reject(signal.reason));
      sending.push({ name: file.name, finish: resolve, fail: reject, progress, signal });
      return promise;
    },
    store: { getItem: key => stored.get(key) ?? null, setItem: (key, value) => void stored.set(key, value) },
  };
  const become = (name: string, status: DocumentRow['status'], eTag: string, error?: DocumentRow['error']) => {
    const time = '2026-11-21T12:00:00Z';
    rows.splice(0, rows.length, ...rows.filter(({ title }) => title !== name));
    rows.unshift({
      ...{
        documentId: `id-${name}`,
        key: `documents/${name}`,
        title: name,
        status,
        version: 1,
        chunkCount: 0,
        size: 1,
      },
      ...{ eTag, createdAt: time, updatedAt: time, ...(error && { error }) },
    });
  };
  return { ports, sending, become, createUpload };
}

const found = (...names: string[]) => names.map(name => ({ file: new File(['x'], name), folder: '' }));
const look = () => vi.advanceTimersByTimeAsync(1_600);
const phases = (queue: UploadQueue) => Object.fromEntries(queue.entries.map(({ name, phase }) => [name, phase]));

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('are remembered for each user, until they log out', () => {
  const kept = new Map<string, string>();
  const storage: Storage = {
    ...{
      clear: () => kept.clear(),
      key: index => [...kept.keys()][index] ?? null,
      removeItem: key => void kept.delete(key),
    },
    ...{ getItem: key => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
    get length() {
      return kept.size;
    },
  };
  storeOf('ada', storage).setItem(UPLOADS, '[]');
  storage.setItem('groundwork.session', 'x');
  expect(storeOf('ada', storage).getItem(UPLOADS)).toBe('[]');
  expect(storeOf('ben', storage).getItem(UPLOADS)).toBeNull();
  forgetUploads(storage);
  expect([...kept.keys()]).toEqual(['groundwork.session']);
});

describe('an upload', () => {
  it('is followed from the browser to the answers', async () => {
    const { ports, sending, become } = world();
    const queue = new UploadQueue(ports);
    queue.add(found('a.md'), { folder: 'x/' });
    await vi.advanceTimersByTimeAsync(0);
    sending[0]?.progress(0.5);
    expect(queue.entries).toMatchObject([{ name: 'a.md', folder: 'x/', phase: 'sending', share: 0.5 }]);
    expect(queue.isSending).toBe(true);
    sending[0]?.finish('e1');
    await look();
    expect(queue.entries).toMatchObject([{ phase: 'sent', documentId: 'id-a.md', eTag: 'e1' }]);
    become('a.md', 'PROCESSING', 'e1');
    await look();
    expect(phases(queue)).toEqual({ 'a.md': 'PROCESSING' });
    become('a.md', 'COMPLETED', 'e1');
    await look();
    expect(phases(queue)).toEqual({ 'a.md': 'COMPLETED' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not taken for ready because of what the document was before', async () => {
    const { ports, sending, become } = world();
    become('a.md', 'COMPLETED', 'old');
    const queue = new UploadQueue(ports);
    queue.add(found('a.md'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    sending[0]?.finish('new');
    await look();
    expect(phases(queue)).toEqual({ 'a.md': 'sent' });
  });

  it('tells why its document failed, and is watched again when that is retried', async () => {
    const { ports, sending, become } = world();
    const queue = new UploadQueue(ports);
    queue.add(found('a.pdf'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    sending[0]?.finish('e1');
    const reason = { code: 'encrypted', message: 'Remove the password.' };
    become('a.pdf', 'FAILED', 'e1', reason);
    await look();
    expect(queue.entries).toMatchObject([{ phase: 'FAILED', reason }]);
    become('a.pdf', 'COMPLETED', 'e1');
    queue.watchAgain('id-a.pdf');
    expect(queue.entries[0]).not.toHaveProperty('reason');
    await look();
    expect(phases(queue)).toEqual({ 'a.pdf': 'COMPLETED' });
  });

  it('that did not reach the bucket can be sent once more', async () => {
    const { ports, sending } = world();
    const queue = new UploadQueue(ports);
    queue.add(found('a.md'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    sending[0]?.fail(new Unreachable());
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.entries).toMatchObject([{ phase: 'refused', error: expect.any(Unreachable) }]);
    queue.retry(queue.entries[0]?.id ?? 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(sending).toHaveLength(2);
    expect(queue.entries[0]).not.toHaveProperty('error');
  });

  it('is stopped when it is taken off the list', async () => {
    const { ports, sending } = world();
    const queue = new UploadQueue(ports);
    queue.add(found('a.md'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    queue.dismiss(queue.entries[0]?.id ?? 0);
    await vi.advanceTimersByTimeAsync(0);
    expect(sending[0]?.signal.aborted).toBe(true);
    expect(queue.entries).toEqual([]);
  });
});

describe('uploads', () => {
  it('are sent a few at a time, sidecars first', async () => {
    const { ports, sending } = world();
    const queue = new UploadQueue(ports);
    queue.add(found('1.md', '2.md', '3.md', '4.md', '4.md.metadata.json'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    expect(sending.map(({ name }) => name)).toEqual(['4.md.metadata.json', '1.md', '2.md']);
    sending[0]?.finish('e');
    await vi.advanceTimersByTimeAsync(0);
    expect(sending.map(({ name }) => name)).toEqual(['4.md.metadata.json', '1.md', '2.md', '3.md']);
    expect(phases(queue)).toMatchObject({ '4.md.metadata.json': 'COMPLETED', '4.md': 'waiting' });
  });

  it('give their groups to documents, not to sidecars', async () => {
    const { ports, createUpload } = world();
    new UploadQueue(ports).add(found('a.md', 'a.md.metadata.json'), { folder: 'hr/', allowedGroups: ['hr'] });
    await vi.advanceTimersByTimeAsync(0);
    expect(createUpload.mock.calls).toEqual([
      [{ name: 'a.md.metadata.json', folder: 'hr/' }],
      [{ name: 'a.md', folder: 'hr/', allowedGroups: ['hr'] }],
    ]);
  });

  it('are still listed after a reload, where those in the bucket are followed and the others are lost', async () => {
    const { ports, sending, become } = world();
    new UploadQueue(ports).add(found('1.md', '2.md'), { folder: '' });
    await vi.advanceTimersByTimeAsync(0);
    sending[0]?.finish('e1');
    await vi.advanceTimersByTimeAsync(0);
    const after = new UploadQueue(ports);
    expect(phases(after)).toEqual({ '1.md': 'sent', '2.md': 'interrupted' });
    become('1.md', 'COMPLETED', 'e1');
    await look();
    expect(phases(after)).toEqual({ '1.md': 'COMPLETED', '2.md': 'interrupted' });
    after.dismissDone();
    expect(after.entries).toEqual([]);
  });
});
