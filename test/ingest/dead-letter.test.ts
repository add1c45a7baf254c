import { beforeEach, describe, expect, it } from 'vitest';
import { buryDeadLetter, parseDeadLetter } from '../../lambdas/ingest/dead-letter.ts';
import { documentId, key, makeSteps, removalOf } from './steps.ts';

describe('a dead letter', () => {
  let steps: ReturnType<typeof makeSteps>;
  beforeEach(() => {
    steps = makeSteps();
  });
  const bury = (body: unknown) => buryDeadLetter(steps.ports, parseDeadLetter(JSON.stringify(body)));
  const s3Event = (eventName: string, sequencer: string) => ({
    Records: [{ eventName, s3: { object: { key, sequencer, size: 4, eTag: 'e', versionId: `v-${sequencer}` } } }],
  });

  it('of processing fails the version with the error that its last attempt had', async () => {
    await steps.upload();
    const error = { code: 'service-unavailable', message: 'The vector store was overloaded.' };
    await steps.ports.documents.noteAttemptError(documentId, 1, error);
    expect(await bury({ documentId, version: 1 })).toEqual([{ outcome: 'failed', documentId, version: 1 }]);
    expect(await steps.head()).toMatchObject({ status: 'FAILED', error });
  });

  it('of embedding fails the version, says what to do, and leaves the older one live', async () => {
    await steps.upload();
    await steps.complete(1);
    await steps.upload();
    expect(await bury({ documentId, version: 2, batch: 0, from: 0, to: 1 })).toMatchObject([{ outcome: 'failed' }]);
    const head = await steps.head();
    expect(head).toMatchObject({ status: 'FAILED', liveVersion: 1, error: { code: 'processing-failed' } });
    expect(head?.error?.message).toContain(`POST /documents/${documentId}/retry`);
  });

  it('fails no version that completed meanwhile', async () => {
    await steps.upload();
    await steps.complete(1);
    expect(await bury({ documentId, version: 1 })).toMatchObject([{ outcome: 'completed-meanwhile' }]);
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
  });

  it('of a superseded version has removed what it may have left', async () => {
    await steps.upload();
    await steps.upload();
    expect(await bury({ documentId, version: 1 })).toMatchObject([{ outcome: 'stale' }]);
    expect(await steps.head()).toMatchObject({ status: 'PENDING', newestVersion: 2 });
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('of a removal fails nothing', async () => {
    await steps.upload();
    await steps.complete(1);
    await steps.upload();
    await steps.complete(2);
    expect(await bury(removalOf(1))).toEqual([{ outcome: 'removal-failed', documentId, version: 1 }]);
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
  });

  it('of an upload event registers the document first, so that it can be retried', async () => {
    expect(await bury(s3Event('ObjectCreated:Put', '0A'))).toEqual([{ outcome: 'failed', documentId, version: 1 }]);
    expect(await steps.head()).toMatchObject({ status: 'FAILED', key, error: { code: 'processing-failed' } });
    expect(await steps.ports.documents.reopen(documentId, 1)).toBe(true);
  });

  it('of an upload event fails nothing that is under way or done', async () => {
    await bury(s3Event('ObjectCreated:Put', '0A'));
    await steps.ports.documents.reopen(documentId, 1);
    await steps.complete(1);
    expect(await bury(s3Event('ObjectCreated:Put', '0A'))).toMatchObject([{ outcome: 'completed-meanwhile' }]);
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED' });
  });

  it('of a deletion event still ends the document, and has it removed', async () => {
    await steps.upload();
    await steps.complete(1);
    expect(await bury(s3Event('ObjectRemoved:DeleteMarkerCreated', 'FF'))).toEqual([
      { outcome: 'deleted', documentId },
    ]);
    expect((await steps.head())?.liveVersion).toBeUndefined();
    expect(steps.ports.removeQueue.messages).toEqual([removalOf(1)]);
  });

  it('that is none of ours is refused, so that it stays for a person to see', () => {
    expect(() => parseDeadLetter('{"hello":"world"}')).toThrow();
    expect(() => parseDeadLetter('nonsense')).toThrow();
  });
});
