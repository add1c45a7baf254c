import { describe, expect, it, vi } from 'vitest';
import { routes } from '../../lambdas/api/routes.ts';
import { chunkIdOf, documentIdOf } from '../../lambdas/document.ts';
import { newJob } from '../../lambdas/job.ts';
import { ann, bob, turnOf } from '../chat/turns.ts';
import { serve } from './serve.ts';

const idOf = (key: string) => documentIdOf('default', key);

async function withFailedDocument() {
  const server = serve();
  const { documentId } = await server.put('documents/bad.pdf', ['x'], { live: false });
  await server.documents.fail(documentId, 1, { code: 'encrypted', message: 'Remove the password.' });
  return { ...server, documentId };
}

describe('documents', () => {
  it('are listed for their tenant only', async () => {
    const { put, call } = serve();
    await put('documents/a.md', ['one', 'two']);
    await put('tenants/other/documents/b.md', ['x'], { tenant: 'other' });
    const { json } = await call('GET', '/documents');
    expect(json.documents).toMatchObject([
      { documentId: idOf('documents/a.md'), key: 'documents/a.md', status: 'COMPLETED', version: 1, chunkCount: 2 },
    ]);
  });

  it('are listed by state, page by page', async () => {
    const { put, call } = await withFailedDocument();
    for (const name of ['a', 'b', 'c']) await put(`documents/${name}.md`, ['x']);
    const failed = await call('GET', '/documents', { query: { status: 'FAILED' } });
    expect(failed.json.documents).toMatchObject([{ error: { code: 'encrypted', message: 'Remove the password.' } }]);
    const first = await call('GET', '/documents', { query: { limit: '3' } });
    const second = await call('GET', '/documents', { query: { limit: '3', cursor: first.json.cursor } });
    const keys = [...first.json.documents, ...second.json.documents].map(({ key }: { key: string }) => key);
    expect(new Set(keys).size).toBe(4);
    expect(second.json.cursor).toBeUndefined();
  });

  it.each<Record<string, string>>([
    { limit: '0' },
    { limit: '101' },
    { limit: 'x' },
    { status: 'DONE' },
    { sort: 'key' },
    { format: '.pdf' },
    { updatedAfter: 'yesterday' },
    { cursor: 'nonsense' },
  ])('refuse the query %j', async query => {
    expect((await serve().call('GET', '/documents', { query })).statusCode).toBe(400);
  });

  it('are listed by folder, format and time', async () => {
    const { put, call } = serve();
    for (const name of ['x/a.md', 'x/b.PDF', 'y/c.md']) await put(`documents/${name}`, ['x']);
    const keys = async (query: Record<string, string>) =>
      (await call('GET', '/documents', { query })).json.documents.map(({ key }: { key: string }) => key);
    expect(await keys({ prefix: 'documents/x/', format: 'md' })).toEqual(['documents/x/a.md']);
    expect(await keys({ format: 'PDF' })).toEqual(['documents/x/b.PDF']);
    expect(await keys({ updatedBefore: '2020-01-01T00:00:00Z' })).toEqual([]);
    expect(await keys({ updatedAfter: '2020-01-01T00:00:00Z' })).toHaveLength(3);
  });

  it('are shown with all their uploads', async () => {
    const { put, call } = serve();
    const { documentId } = await put('documents/a.md', ['one']);
    await put('documents/a.md', ['two', 'three'], { live: false });
    const { json } = await call('GET', `/documents/${documentId}`);
    expect(json).toMatchObject({ version: 2, liveVersion: 1, chunkCount: 1, status: 'PROCESSING' });
    expect(json.versions).toMatchObject([
      { version: 2, attempts: 1, chunkCount: 2, chunksEmbedded: 2, embeddingsReused: 0 },
      { version: 1, status: 'COMPLETED' },
    ]);
  });

  it('show the chunks of the live version in reading order, page by page', async () => {
    const { put, call } = serve();
    const { documentId } = await put('documents/a.md', ['one', 'two', 'three']);
    await put('documents/a.md', ['other'], { live: false });
    const path = `/documents/${documentId}/chunks`;
    const first = await call('GET', path, { query: { limit: '2' } });
    const second = await call('GET', path, { query: { limit: '2', cursor: first.json.cursor } });
    const texts = [...first.json.chunks, ...second.json.chunks].map(({ text }: { text: string }) => text);
    expect(texts).toEqual(['one', 'two', 'three']);
    expect(second.json.cursor).toBeUndefined();
  });

  it('refuse the cursor of a version that is no longer live', async () => {
    const { put, call } = serve();
    const { documentId } = await put('documents/a.md', ['one', 'two']);
    const path = `/documents/${documentId}/chunks`;
    const { json } = await call('GET', path, { query: { limit: '1' } });
    await put('documents/a.md', ['new', 'newer']);
    expect(await call('GET', path, { query: { limit: '1', cursor: json.cursor } })).toMatchObject({ statusCode: 400 });
  });

  it('show the chunks around one that is cited', async () => {
    const { put, call } = serve();
    const texts = ['zero', 'one', 'two', 'three', 'four'];
    const { documentId } = await put('documents/a.md', texts);
    const path = `/documents/${documentId}/chunks`;
    const idAt = (index: number) => chunkIdOf({ documentId, version: 1, index });
    const around = async (index: number, query = {}) =>
      (await call('GET', path, { query: { limit: '3', around: idAt(index), ...query } })).json;
    expect((await around(2)).chunks.map(({ text }: { text: string }) => text)).toEqual(['one', 'two', 'three']);
    expect((await around(0)).chunks.map(({ text }: { text: string }) => text)).toEqual(['zero', 'one', 'two']);
    expect(await around(4)).toMatchObject({ chunks: [{ text: 'three' }, { text: 'four' }] });
    expect((await call('GET', path, { query: { around: idAt(1), cursor: 'x' } })).statusCode).toBe(400);
    expect((await call('GET', path, { query: { around: `${'0'.repeat(32)}#000001#000000` } })).statusCode).toBe(400);
  });

  it('show no chunks of a version that answers no longer draw on', async () => {
    const { put, call } = serve();
    const { documentId } = await put('documents/a.md', ['one']);
    await put('documents/a.md', ['new']);
    const path = `/documents/${documentId}/chunks`;
    const queries: Record<string, string>[] = [
      { version: '1' },
      { around: chunkIdOf({ documentId, version: 1, index: 0 }) },
      { version: '3' },
    ];
    for (const query of queries) {
      const { statusCode, json } = await call('GET', path, { query });
      expect({ statusCode, type: json.type }).toEqual({ statusCode: 404, type: '/problems/version-not-live' });
    }
    expect((await call('GET', path, { query: { version: '2' } })).json.chunks).toHaveLength(1);
  });

  it('have no chunks before the first version is complete', async () => {
    const { call, documentId } = await withFailedDocument();
    expect((await call('GET', `/documents/${documentId}/chunks`)).json).toEqual({ chunks: [] });
  });

  it('are linked in the version that answers draw on', async () => {
    const { put, call } = serve();
    const { documentId, s3VersionId } = await put('documents/a.md', ['one']);
    await put('documents/a.md', ['two'], { live: false });
    const { json } = await call('GET', `/documents/${documentId}/content`);
    expect(json.url).toContain(`versionId=${s3VersionId}`);
    expect(Date.parse(json.expiresAt)).toBeGreaterThan(Date.now());
  });

  it('are deleted in the bucket, and by its event from there on', async () => {
    const { put, call, bucket } = serve();
    const { documentId } = await put('documents/a.md', ['one']);
    const { statusCode, json } = await call('DELETE', `/documents/${documentId}`);
    expect({ statusCode, json }).toEqual({ statusCode: 202, json: { documentId, key: 'documents/a.md' } });
    expect(await bucket.head('documents/a.md')).toBeUndefined();
  });

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/chunks'],
    ['GET', '/content'],
    ['GET', '/metadata'],
    ['POST', '/retry'],
  ])('of another tenant, deleted or unknown are not there for %s /documents/{id}%s', async (method, rest) => {
    const { put, remove, call, bucket } = serve();
    const other = await put('tenants/other/documents/b.md', ['x'], { tenant: 'other' });
    const gone = await put('documents/gone.md', ['x']);
    await remove('documents/gone.md');
    for (const id of [other.documentId, gone.documentId, '0'.repeat(32), 'x'.repeat(5_000), '..%2F..']) {
      const { statusCode, json } = await call(method, `/documents/${id}${rest}`);
      expect({ statusCode, type: json.type }).toEqual({ statusCode: 404, type: '/problems/document-not-found' });
    }
    expect(await bucket.head('tenants/other/documents/b.md')).toBeDefined();
  });
});

describe('a retry', () => {
  it('queues a failed document again', async () => {
    const { call, documentId, processing, documents } = await withFailedDocument();
    expect((await call('POST', `/documents/${documentId}/retry`)).statusCode).toBe(202);
    expect(processing.messages).toEqual([{ documentId, version: 1 }]);
    expect(await documents.getHead(documentId)).toMatchObject({ status: 'PENDING' });
  });

  it('sends a PENDING document again, whose message may be lost', async () => {
    const { documents, call, processing, put } = serve();
    const { documentId } = await put('documents/a.md', ['one']);
    const object = { tenant: 'default', key: 'documents/a.md', eTag: 'new', size: 3 };
    await documents.registerFound(object, await documents.getHead(documentId));
    expect((await call('POST', `/documents/${documentId}/retry`)).statusCode).toBe(202);
    expect(processing.messages).toEqual([{ documentId, version: 2 }]);
    expect(await documents.getHead(documentId)).toMatchObject({ status: 'PENDING' });
  });

  it('is refused for a document that has not failed', async () => {
    const { put, call, processing } = serve();
    const { documentId } = await put('documents/a.md', ['one']);
    const { statusCode, json } = await call('POST', `/documents/${documentId}/retry`);
    expect({ statusCode, type: json.type }).toEqual({ statusCode: 409, type: '/problems/document-not-failed' });
    expect(processing.messages).toEqual([]);
  });

  it('that cannot be queued leaves the document FAILED, to be retried again', async () => {
    const { call, documentId, ports, documents } = await withFailedDocument();
    const send = vi.spyOn(ports.processing, 'send').mockRejectedValueOnce(new Error('queue'));
    expect((await call('POST', `/documents/${documentId}/retry`)).statusCode).toBe(500);
    expect(await documents.getHead(documentId)).toMatchObject({ status: 'FAILED', error: { code: 'encrypted' } });
    send.mockRestore();
    expect((await call('POST', `/documents/${documentId}/retry`)).statusCode).toBe(202);
  });
});

describe('a job', () => {
  it('is recorded, begun, listed and shown', async () => {
    const { call, jobs, jobQueue } = serve();
    const body = { kind: 'BATCH', prefix: 'documents/handbook/' };
    const { statusCode, json } = await call('POST', '/jobs', { body });
    expect(statusCode).toBe(202);
    expect(json).toMatchObject({ ...body, status: 'RUNNING', total: 0, processed: 0, failed: 0, listed: false });
    expect(jobQueue.messages).toEqual([{ jobId: json.jobId }]);
    expect(await jobs.get(json.jobId)).toMatchObject({ tenant: 'default', scope: { prefix: 'documents/handbook/' } });
    expect((await call('GET', '/jobs', { query: { status: 'RUNNING' } })).json.jobs).toEqual([json]);
    expect((await call('GET', `/jobs/${json.jobId}`)).json).toMatchObject({
      jobId: json.jobId,
      startedBy: expect.any(String),
    });
  });

  it('tells how far it is by the states of its documents, and what time is left', async () => {
    const { call, jobs, documents, put } = serve();
    const { json } = await call('POST', '/jobs', { body: { kind: 'REINDEX' } });
    const { documentId } = await put('documents/a.md', ['one']);
    const object = { tenant: 'default', key: 'documents/a.md', eTag: 'new', size: 3 };
    await documents.registerFound(object, await documents.getHead(documentId), { jobId: json.jobId });
    const job = await jobs.get(json.jobId);
    if (!job) throw new Error('The job is not there');
    await jobs.advance({ ...job, phase: 'documents-processing', total: 4 });
    const shown = await call('GET', `/jobs/${json.jobId}`);
    expect(shown.json).toMatchObject({ total: 4, processed: 3, failed: 0, listed: true, models: 'all' });
    expect(shown.json.secondsLeft).toBeGreaterThan(0);
    expect(shown.json.documentsPerMinute).toBeGreaterThan(0);
  });

  it('is sent on when it is asked for and nothing went on with it for long', async () => {
    const { call, jobs, jobQueue } = serve();
    const job = { kind: 'REINDEX', tenant: 'default', scope: {}, startedBy: 'x' } as const;
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    await jobs.create(newJob({ ...job, jobId: 'STOPPED', startedAt: minutesAgo(90) }));
    await jobs.create(newJob({ ...job, jobId: 'ACTIVE', startedAt: minutesAgo(30) }));
    await call('GET', '/jobs/ACTIVE');
    expect(jobQueue.messages).toEqual([]);
    await call('GET', '/jobs/STOPPED');
    expect(jobQueue.messages).toEqual([{ jobId: 'STOPPED' }]);
  });

  it('is cancelled once', async () => {
    const { call, jobs } = serve();
    const { json } = await call('POST', '/jobs', { body: { kind: 'INCREMENTAL', quietMinutes: 5 } });
    expect((await call('POST', `/jobs/${json.jobId}/cancel`)).json).toMatchObject({ status: 'CANCELLED' });
    const again = await call('POST', `/jobs/${json.jobId}/cancel`);
    expect(again).toMatchObject({ statusCode: 409, json: { type: '/problems/job-not-running' } });
    expect(await jobs.get(json.jobId)).toMatchObject({ status: 'CANCELLED' });
  });

  it('retries what failed', async () => {
    const { call, jobs } = serve();
    const { statusCode, json } = await call('POST', '/documents/retry', { body: { code: 'processing-failed' } });
    expect(statusCode).toBe(202);
    expect(json).toMatchObject({ kind: 'RETRY', codes: ['processing-failed'] });
    expect(await jobs.get(json.jobId)).toMatchObject({ phase: 'failures', tenant: 'default' });
  });

  it('tries again what was given up, in the queues and in the registry', async () => {
    const { call, ports } = serve();
    const { statusCode, json } = await call('POST', '/dead-letters/redrive');
    expect(statusCode).toBe(202);
    expect(ports.deadLetters.redrive).toHaveBeenCalledOnce();
    expect(json.queues).toEqual([{ queue: 'work-dead', messages: 2 }]);
    expect(json.job).toMatchObject({ kind: 'RETRY', codes: ['processing-failed', 'service-unavailable'] });
  });

  it('that cannot be begun does not look as if it ran', async () => {
    const { call, ports, jobs } = serve();
    vi.spyOn(ports.jobQueue, 'send').mockRejectedValueOnce(new Error('queue'));
    expect((await call('POST', '/jobs', { body: { kind: 'REINDEX' } })).statusCode).toBe(500);
    expect((await jobs.list('default', { limit: 5 })).jobs).toMatchObject([{ status: 'FAILED' }]);
  });

  it("of another tenant is not there, and examples of other tenants' documents are not shown", async () => {
    const { call, jobs } = serve();
    const started = { startedBy: 'x', startedAt: '2026-01-01T00:00:00.000Z' };
    await jobs.create(newJob({ jobId: 'OTHERS', kind: 'BATCH', tenant: 'other', scope: {}, ...started }));
    const [mine, others] = ['default', 'other'].map(tenant => ({
      kind: 'deleted' as const,
      tenant,
      documentId: tenant,
    }));
    const nightly = newJob({ jobId: 'ALL', kind: 'INCREMENTAL', scope: {}, ...started });
    await jobs.create({ ...nightly, examples: [mine, others].filter(mend => mend !== undefined) });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      expect((await call(method, `/jobs/OTHERS${path}`)).statusCode).toBe(404);
    }
    expect((await call('GET', '/jobs')).json.jobs).toMatchObject([{ jobId: 'ALL' }]);
    expect((await call('GET', '/jobs/ALL')).json.examples).toEqual([{ kind: 'deleted', documentId: 'default' }]);
  });

  it.each([
    {},
    { kind: 'BATCH' },
    { kind: 'BATCH', prefix: 'tenants/other/documents/' },
    { kind: 'BATCH', prefix: 'documents/', models: 'all' },
    { kind: 'RETRY' },
    { kind: 'INCREMENTAL', quietMinutes: -1 },
  ])('is refused for %j', async body => {
    const { call, jobQueue } = serve();
    expect((await call('POST', '/jobs', { body })).statusCode).toBe(400);
    expect(jobQueue.messages).toEqual([]);
  });
});

describe('an upload form', () => {
  it('goes to the synced folder, with the size limit', async () => {
    const { statusCode, json } = await serve().call('POST', '/documents', {
      body: { name: 'Báo cáo quý 3.pdf', folder: 'handbook/2026/' },
    });
    expect(statusCode).toBe(201);
    const key = 'documents/handbook/2026/Báo cáo quý 3.pdf';
    expect(json).toMatchObject({
      documentId: idOf(key),
      key,
      maxBytes: 1_000,
      upload: { fields: { key, maxBytes: '1000' } },
    });
  });

  it('goes beside a document for its sidecar', async () => {
    const { statusCode, json } = await serve().call('POST', '/documents', { body: { name: 'a.md.metadata.json' } });
    expect(statusCode).toBe(201);
    expect(json).toMatchObject({ documentId: idOf('documents/a.md'), key: 'documents/a.md.metadata.json' });
  });

  it.each([
    { name: '../secret.md' },
    { name: 'a/b.md' },
    { name: '.hidden' },
    { name: 'a.metadata.json.metadata.json' },
    { name: '.metadata.json' },
    { name: 'a\\b.md' },
    { name: 'a\u0000b.md' },
    { name: '' },
    { name: 'a.md', folder: '../' },
    { name: 'a.md', folder: '/' },
    { name: 'a.md', folder: 'a//b/' },
    { name: 'a.md', folder: 'a/../../b/' },
    { name: 'a.md', folder: 'no-slash' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
    { name: '${filename}' },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    { name: 'a.md', folder: 'a${filename}b/' },
    { name: '\u4e00'.repeat(255), folder: `${'\u4e00'.repeat(300)}/` },
    { name: 'a.md', key: 'documents/x' },
  ])('is refused for %j', async body => {
    expect((await serve().call('POST', '/documents', { body })).statusCode).toBe(400);
  });
});

describe('conversations', () => {
  it('are listed, shown and deleted by whom they belong to', async () => {
    const { call, conversations } = serve();
    const [own, foreign] = [turnOf(), turnOf()];
    await conversations.begin(own, ann);
    await conversations.begin(foreign, bob);
    const { json } = await call('GET', '/conversations');
    expect(json.conversations).toMatchObject([{ conversationId: own.conversationId, turnCount: 1 }]);
    const shown = await call('GET', `/conversations/${own.conversationId}`);
    expect(shown.json.turns).toMatchObject([{ turnId: own.turnId, question: own.question, grounded: false }]);
    expect(await call('DELETE', `/conversations/${own.conversationId}`)).toMatchObject({
      statusCode: 204,
      json: undefined,
    });
    for (const id of [own.conversationId, foreign.conversationId, 'nonsense']) {
      for (const method of ['GET', 'DELETE']) {
        expect(await call(method, `/conversations/${id}`)).toMatchObject({
          statusCode: 404,
          json: { type: '/problems/conversation-not-found' },
        });
      }
    }
    expect(conversations.all()).toEqual([foreign]);
  });
});

describe('a conversation', () => {
  async function withTurn() {
    const server = serve();
    const turn = turnOf();
    await server.conversations.begin(turn, ann);
    const path = `/conversations/${turn.conversationId}`;
    return { ...server, turn, path, feedback: `${path}/turns/${turn.turnId}/feedback` };
  }

  it('is renamed', async () => {
    const { call, path } = await withTurn();
    expect(await call('PATCH', path, { body: { title: '  Towers  ' } })).toMatchObject({
      statusCode: 200,
      json: { title: 'Towers', turnCount: 1 },
    });
    expect((await call('GET', path)).json.title).toBe('Towers');
  });

  it.each([{}, { title: ' ' }, { title: 'x'.repeat(201) }, { title: 'a\nb' }, { title: 'a', name: 'b' }])(
    'is not renamed by %j',
    async body => {
      const { call, path, turn } = await withTurn();
      expect((await call('PATCH', path, { body })).statusCode).toBe(400);
      expect((await call('GET', path)).json.title).toBe(turn.question);
    },
  );

  it('is exported as Markdown, along its newest path', async () => {
    const { call, path, turn, conversations } = await withTurn();
    const reader = ann;
    const { conversationId } = turn;
    const branch = turnOf({ conversationId, question: 'Who built it?' });
    await conversations.append(branch, reader);
    await conversations.append(turnOf({ conversationId, question: 'And when?', parentTurnId: branch.turnId }), reader);
    const { statusCode, headers, body } = await call('GET', `${path}/export`);
    expect({ statusCode, type: headers['content-type'], file: headers['content-disposition'] }).toEqual({
      statusCode: 200,
      type: 'text/markdown; charset=utf-8',
      file: `attachment; filename="conversation-${conversationId}.md"`,
    });
    expect(body).toMatch(/> Who built it\?[\s\S]*> And when\?/);
    expect(body).not.toContain(`> ${turn.question}`);
  });

  it('is exported whole as JSON, however many pages it has', async () => {
    const { call, path, turn, conversations } = await withTurn();
    const { conversationId, turnId: parentTurnId } = turn;
    for (let branch = 0; branch < 130; branch += 1) {
      await conversations.append(turnOf({ conversationId, parentTurnId }), ann);
    }
    const { json, headers } = await call('GET', `${path}/export`, { query: { format: 'json' } });
    expect(headers['content-disposition']).toContain(`conversation-${conversationId}.json`);
    expect(json).toMatchObject({ conversationId, turnCount: 131 });
    expect(json.turns).toHaveLength(131);
    expect(json.newestPath).toHaveLength(2);
  });

  it('is not exported in another format, nor when it is too large', async () => {
    const { call, path, turn, conversations } = await withTurn();
    expect((await call('GET', `${path}/export`, { query: { format: 'pdf' } })).statusCode).toBe(400);
    const long = turnOf({ conversationId: turn.conversationId, answer: 'x'.repeat(4_000_000) });
    await conversations.append(long, ann);
    const { statusCode, json } = await call('GET', `${path}/export`, { query: { format: 'json' } });
    expect({ statusCode, type: json.type }).toEqual({ statusCode: 413, type: '/problems/export-too-large' });
  });

  it('keeps what is said of its answers, until it is changed or taken back', async () => {
    const { call, path, feedback, ports } = await withTurn();
    const shown = async () => (await call('GET', path)).json.turns[0].feedback;
    expect((await call('POST', feedback, { body: { rating: 'up' } })).json).toMatchObject({
      rating: 'up',
      reasons: [],
    });
    const bad = { rating: 'down', reasons: ['incorrect', 'incorrect', 'other'], comment: 'It has 213.' };
    expect((await call('POST', feedback, { body: bad })).statusCode).toBe(200);
    expect(ports.answerRated.mock.calls).toMatchObject([
      [{}, { rating: 'up' }],
      [{}, { rating: 'down' }],
    ]);
    expect(await shown()).toMatchObject({ ...bad, reasons: ['incorrect', 'other'] });
    expect((await call('DELETE', feedback)).statusCode).toBe(204);
    expect(await shown()).toBeUndefined();
  });

  it.each([
    {},
    { rating: 'fine' },
    { rating: 'up', reasons: ['incorrect'] },
    { rating: 'down', reasons: ['bad'] },
    { rating: 'down', comment: '' },
    { rating: 'down', comment: 'x'.repeat(2_001) },
    { rating: 'down', stars: 1 },
  ])('takes no feedback such as %j', async body => {
    const { call, feedback } = await withTurn();
    expect((await call('POST', feedback, { body })).statusCode).toBe(400);
  });

  it("tells an unknown turn from an unknown or another's conversation", async () => {
    const { call, conversations, path } = await withTurn();
    const foreign = turnOf();
    await conversations.begin(foreign, bob);
    const body = { rating: 'up' };
    for (const turnId of [foreign.turnId, 'nonsense']) {
      const { statusCode, json } = await call('POST', `${path}/turns/${turnId}/feedback`, { body });
      expect({ statusCode, type: json.type }).toEqual({ statusCode: 404, type: '/problems/turn-not-found' });
    }
    for (const id of [foreign.conversationId, 'nonsense']) {
      const problem = { statusCode: 404, json: { type: '/problems/conversation-not-found' } };
      expect(await call('GET', `/conversations/${id}/export`)).toMatchObject(problem);
      expect(await call('PATCH', `/conversations/${id}`, { body: { title: 'x' } })).toMatchObject(problem);
      const feedback = `/conversations/${id}/turns/${foreign.turnId}/feedback`;
      expect(await call('POST', feedback, { body })).toMatchObject(problem);
      expect(await call('DELETE', feedback)).toMatchObject(problem);
    }
  });
});

describe('the edges of the API', () => {
  it('answers health and its own description without a key', async () => {
    const { call } = serve();
    expect((await call('GET', '/health', { apiKeyId: null })).json).toEqual({ status: 'ok', version: '1.2.3' });
    expect((await call('GET', '/openapi.json', { apiKeyId: null })).json.openapi).toBe('3.1.0');
  });

  it('knows no other path, and tells which methods a path has', async () => {
    const { call } = serve();
    expect(await call('GET', '/nowhere')).toMatchObject({ statusCode: 404, json: { type: '/problems/not-found' } });
    const wrong = await call('GET', '/chat');
    expect({ status: wrong.statusCode, allow: wrong.headers.allow }).toEqual({ status: 405, allow: 'POST' });
    expect((await call('PUT', '/documents')).headers.allow).toBe('GET, POST');
  });

  it('needs a verified reader for everything else', async () => {
    const { call, log } = serve();
    const closed = routes.filter(route => route.served === 'records' && route.role !== 'open');
    for (const { method, path } of closed) {
      const body = method === 'POST' && path === '/documents' ? { name: 'a.md' } : undefined;
      expect((await call(method, path, { apiKeyId: null, ...(body && { body }) })).statusCode).toBe(500);
    }
    expect(log.error).toHaveBeenCalledTimes(closed.length);
  });

  it('does not let headers or query decide who asks', async () => {
    const { call, conversations } = serve();
    const turn = turnOf();
    await conversations.begin(turn, bob);
    const headers = { 'x-user-id': 'bob', 'x-api-key': 'bob', authorization: 'Bearer bob' };
    expect((await call('GET', `/conversations/${turn.conversationId}`, { headers })).statusCode).toBe(404);
  });
});

describe('usage', () => {
  const nothing = { tokens: 0, usd: 0 };

  it('shows what the caller spent today and this month', async () => {
    const { call, ports } = serve();
    const now = new Date();
    const user = { scope: 'user', tenant: 'default', id: 'ann' } as const;
    await ports.spend.settle(user, now, nothing, { tokens: 300, usd: 0.001 });
    await ports.spend.settle({ ...user, id: 'bob' }, now, nothing, { tokens: 7, usd: 7 });
    const { json } = await call('GET', '/usage');
    expect(json.usage).toMatchObject([
      {
        scope: 'user',
        day: { period: now.toISOString().slice(0, 10), tokens: 300, usd: 0.001, reserved: nothing, limit: {} },
        month: { period: now.toISOString().slice(0, 7), tokens: 300, usd: 0.001 },
      },
    ]);
    expect(Date.parse(json.usage[0].day.resetsAt)).toBeGreaterThan(now.getTime());
  });

  it('shows key and tenant where they have a limit', async () => {
    const { call } = serve({ key: { day: { tokens: 1_000 } }, tenant: { month: { usd: 5 } } });
    const { json } = await call('GET', '/usage');
    expect(json.usage).toMatchObject([
      { scope: 'key', day: { limit: { tokens: 1_000 } }, month: { limit: {} } },
      { scope: 'user', day: { limit: {} } },
      { scope: 'tenant', month: { limit: { usd: 5 } } },
    ]);
  });
});

describe('POST /csp-reports', () => {
  const report = { 'csp-report': { 'effective-directive': 'img-src', 'blocked-uri': 'https://evil.test/?q=1' } };

  it('takes reports from everybody, in both forms, and tells of them', async () => {
    const { call, ports } = serve();
    const sent = { apiKeyId: null, body: report };
    const first = await call('POST', '/csp-reports', {
      ...sent,
      headers: { 'Content-Type': 'application/csp-report' },
    });
    expect([first.statusCode, first.body]).toEqual([204, '']);
    const said = { effectiveDirective: 'img-src', blockedURL: 'https://evil.test/?q=1' };
    const second = await call('POST', '/csp-reports', {
      ...{ apiKeyId: null, body: [{ type: 'csp-violation', body: said }] },
      headers: { 'Content-Type': 'application/reports+json' },
    });
    expect(second.statusCode).toBe(204);
    const violation = { directive: 'img-src', blocked: 'https://evil.test/', page: '' };
    expect(ports.violationsReported.mock.calls).toEqual([[[violation]], [[violation]]]);
  });

  it('refuses what is no report, or longer than any', async () => {
    const { call, ports } = serve();
    const headers = { 'Content-Type': 'application/csp-report' };
    expect((await call('POST', '/csp-reports', { body: report })).statusCode).toBe(415);
    expect((await call('POST', '/csp-reports', { headers, body: {} })).statusCode).toBe(400);
    const long = { 'csp-report': { 'script-sample': 'x'.repeat(16_384) } };
    expect((await call('POST', '/csp-reports', { headers, body: long })).statusCode).toBe(413);
    expect(ports.violationsReported).not.toHaveBeenCalled();
  });
});
