import { describe, expect, it } from 'vitest';
import { documentIdOf } from '../../lambdas/document.ts';
import { buryDeadLetter, parseDeadLetter } from '../../lambdas/ingest/dead-letter.ts';
import { embedBatch } from '../../lambdas/ingest/embed.ts';
import type { MetadataMessage } from '../../lambdas/ingest/messages.ts';
import { applySidecar, spreadMetadata } from '../../lambdas/ingest/metadata.ts';
import { processDocument } from '../../lambdas/ingest/process.ts';
import { parseSidecar, readSidecar } from '../../lambdas/ingest/sidecar.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { inMemoryDocumentBucket } from '../fakes/document-bucket.ts';
import { readerOf } from '../fakes/document-reader.ts';
import { documentId, key, makeSteps, onceAfter } from './steps.ts';

const parse = (text: string) => parseSidecar(Buffer.from(text));
const written = (sidecar: unknown) => parse(JSON.stringify(sidecar));
const sidecarKey = `${key}.metadata.json`;
const manyAttributes = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`a${index}`, 1]));

describe('a sidecar', () => {
  it('gives attributes in the short form and in the long one, and groups beside them', () => {
    const metadataAttributes = {
      author: 'Ann',
      year: 2026,
      draft: false,
      tags: ['a', 'b'],
      long: { value: { type: 'STRING', stringValue: 'text' }, includeForEmbedding: true },
      count: { value: { type: 'NUMBER', numberValue: 0.5 } },
      ok: { value: { type: 'BOOLEAN', booleanValue: true } },
      list: { value: { type: 'STRING_LIST', stringListValue: ['x'] } },
      Größe: 1,
    };
    expect(written({ metadataAttributes, allowedGroups: ['hr', 'board', 'hr'] })).toEqual({
      groups: ['hr', 'board'],
      attributes: {
        ...{ author: 'Ann', year: 2026, draft: false, tags: ['a', 'b'] },
        ...{ long: 'text', count: 0.5, ok: true, list: ['x'], Größe: 1 },
      },
    });
  });

  it('opens to everyone only by saying nothing of groups, and to nobody by an empty list', () => {
    expect(written({ metadataAttributes: {} })).toEqual({});
    expect(written({ allowedGroups: [] })).toEqual({ groups: [] });
    expect(parse('\uFEFF{"allowedGroups":["hr"]}')).toEqual({ groups: ['hr'] });
  });

  it.each<[string, unknown, RegExp]>([
    ['a misspelt field', { allowedGroup: ['hr'] }, /allowedGroup/],
    ['groups among the attributes', { metadataAttributes: { allowedGroups: ['hr'] } }, /stands beside/],
    ['a group that is no text', { allowedGroups: [1] }, /allowedGroups\.0/],
    ['one group without a list', { allowedGroups: 'hr' }, /allowedGroups/],
    ['the mark of everyone as a group', { allowedGroups: ['*'] }, /no name of a group/],
    ['spaces around a group', { allowedGroups: [' hr'] }, /no name of a group/],
    ['null for groups', { allowedGroups: null }, /allowedGroups/],
    ['a nested value', { metadataAttributes: { a: { b: 1 } } }, /metadataAttributes\.a/],
    ['an empty text', { metadataAttributes: { a: '' } }, /metadataAttributes\.a/],
    ['a name with a space', { metadataAttributes: { 'a b': 1 } }, /letters/],
    ['a value of another type', { metadataAttributes: { a: { value: { type: 'NUMBER', stringValue: 'x' } } } }, /a/],
    ['too many attributes', { metadataAttributes: manyAttributes }, /50/],
    ['a list', [], /object/],
  ])('with %s is refused, and says what is wrong', (_, sidecar, reason) => {
    expect(written(sidecar)).toMatch(reason);
  });

  it.each(['', '{', 'allowedGroups: [hr]', '{"allowedGroups":["hr"'])('that is not JSON is refused: %j', text => {
    expect(parse(text)).toMatch('not JSON');
    expect(parseSidecar(Uint8Array.from([0x22, 0xff, 0x22]))).toMatch('not JSON');
  });

  it('that is too large or broken leaves the document to nobody, saying why', async () => {
    const bucket = inMemoryDocumentBucket();
    bucket.put(sidecarKey, ' '.repeat(10_241));
    const reading = await readSidecar(bucket, key);
    expect(reading).toMatchObject({ version: 'v1', metadata: { groups: [] }, error: { code: 'sidecar-invalid' } });
    expect(reading.error?.message).toContain(sidecarKey);
    bucket.mark(sidecarKey);
    expect(await readSidecar(bucket, key)).toEqual({ version: 'none', metadata: {} });
  });
});

type Steps = ReturnType<typeof makeSteps>;
const event = { evenIfSame: true };
const object = { tenant: 'default', key };
const apply = (steps: Steps, content: string) => {
  steps.ports.bucket.put(sidecarKey, content);
  return applySidecar(steps.ports, object, event);
};

describe('applying a sidecar', () => {
  it('needs a document', async () => {
    expect(await applySidecar(makeSteps().ports, object, event)).toBeUndefined();
  });

  it('reads the bucket again when another sidecar was recorded meanwhile', async () => {
    const steps = makeSteps();
    await steps.upload();
    steps.ports.bucket.put(sidecarKey, '{"allowedGroups":["old"]}');
    onceAfter(steps.ports.bucket, 'read', () => apply(steps, '{"allowedGroups":["new"]}'));
    expect(await applySidecar(steps.ports, object, event)).toMatchObject({ groups: ['new'] });
    expect(await steps.head()).toMatchObject({ groups: ['new'] });
  });

  it('lets a slower reader of an older state fail, also when what is there was recorded before', async () => {
    const steps = makeSteps();
    await steps.upload();
    await applySidecar(steps.ports, object, event);
    steps.ports.bucket.put(sidecarKey, '{"allowedGroups":["short-lived"]}');
    onceAfter(steps.ports.bucket, 'read', async () => {
      steps.ports.bucket.mark(sidecarKey);
      await applySidecar(steps.ports, object, event);
    });
    await applySidecar(steps.ports, object, event);
    expect((await steps.head())?.groups).toBeUndefined();
  });
});

describe('the vectors of a document', () => {
  /** Until no message is left that goes on. @returns how many vectors were asked for each time */
  const spreadAll = async ({ ports }: Steps, id: string, hasTime: () => boolean): Promise<number[]> => {
    const counts: number[] = [];
    const messages: MetadataMessage[] = [{ documentId: id, metadataRevision: 0 }];
    const metadataQueue = { send: async (more: readonly MetadataMessage[]) => void messages.push(...more) };
    for (let message = messages.shift(); message; message = messages.shift()) {
      counts.push(await spreadMetadata({ ...ports, metadataQueue }, message, hasTime));
    }
    return counts;
  };
  const spread = async (steps: Steps, id = documentId) => (await spreadAll(steps, id, () => true)).at(-1);
  const carried = (steps: Steps) => steps.ports.vectors.all().map(({ metadata }) => metadata);
  const embed = async (steps: Steps, version: number) => {
    await processDocument(steps.ports, { documentId, version }, { maxDocumentBytes: 1_000, timeLimitMs: 60_000 });
    for (const message of steps.ports.embedQueue.messages) await embedBatch(steps.ports, message);
  };
  const withModelUnplugged = ({ ports }: Steps) => {
    ports.embeddings.embedDocuments = () => Promise.reject(new Error('Embedded anew'));
  };

  it('carry what the sidecar said when they were stored', async () => {
    const steps = makeSteps();
    const version = await steps.upload();
    await apply(steps, '{"allowedGroups":["hr"],"metadataAttributes":{"year":2026}}');
    await embed(steps, version);
    expect(carried(steps)).toEqual([1, 2].map(() => ({ groups: ['hr'], attributes: { year: 2026 } })));
  });

  it('follow a change without a call of the embedding model', async () => {
    const steps = makeSteps();
    await embed(steps, await steps.upload());
    withModelUnplugged(steps);
    await apply(steps, '{"metadataAttributes":{"year":2025,"draft":true}}');
    await spread(steps);
    await apply(steps, '{"allowedGroups":["hr"],"metadataAttributes":{"year":2026}}');
    expect(await spread(steps)).toBe(2);
    expect(carried(steps)).toEqual([1, 2].map(() => ({ groups: ['hr'], attributes: { year: 2026 } })));
  });

  it('end with the newest, whoever is at work on an older one', async () => {
    const steps = makeSteps();
    await embed(steps, await steps.upload());
    await apply(steps, '{"allowedGroups":["old"]}');
    onceAfter(steps.ports.documents, 'listVersions', () => apply(steps, '{"allowedGroups":["new"]}'));
    await spread(steps);
    expect(carried(steps)).toMatchObject([{ groups: ['new'] }, { groups: ['new'] }]);
  });

  it('follow a change that came while they were stored', async () => {
    const steps = makeSteps();
    const version = await steps.upload();
    onceAfter(steps.ports.vectors, 'upsert', () => apply(steps, '{"allowedGroups":["hr"]}'));
    await embed(steps, version);
    expect(carried(steps)).toMatchObject([{ groups: ['hr'] }, { groups: ['hr'] }]);
  });

  describe('that a slower attempt stored anew after the change, before it was killed', () => {
    const withOldOnes = async () => {
      const steps = makeSteps();
      await embed(steps, await steps.upload());
      const old = steps.ports.vectors.all();
      await apply(steps, '{"allowedGroups":["hr"]}');
      await spread(steps);
      await steps.ports.vectors.upsert('default', old);
      expect(carried(steps)).not.toMatchObject([{ groups: ['hr'] }, { groups: ['hr'] }]);
      return steps;
    };

    it('follow when its message comes again', async () => {
      const steps = await withOldOnes();
      for (const message of steps.ports.embedQueue.messages) await embedBatch(steps.ports, message);
      expect(carried(steps)).toMatchObject([{ groups: ['hr'] }, { groups: ['hr'] }]);
    });

    it('follow when its message is given up', async () => {
      const steps = await withOldOnes();
      const sent = steps.ports.metadataQueue.messages.length;
      const [message] = steps.ports.embedQueue.messages;
      await buryDeadLetter(steps.ports, parseDeadLetter(JSON.stringify(message)));
      expect(steps.ports.metadataQueue.messages.length).toBe(sent + 1);
      await spread(steps);
      expect(carried(steps)).toMatchObject([{ groups: ['hr'] }, { groups: ['hr'] }]);
    });
  });

  it('of a long document follow page by page, each message going on where the last one stopped', async () => {
    const steps = makeSteps();
    const version = await steps.upload();
    const chunks = Array.from({ length: 1_200 }, (_, index) => chunkAt(index));
    steps.ports.readDocument = readerOf(() => ({ title: 'Long', chunks }));
    await embed(steps, version);
    await apply(steps, '{"allowedGroups":["old"]}');
    expect(await spreadAll(steps, documentId, () => false)).toEqual([500, 500, 200]);
    await apply(steps, '{"allowedGroups":["hr"]}');
    // A change in the middle begins anew, and leaves no chunk behind.
    onceAfter(steps.ports.vectors, 'updateMetadata', () => apply(steps, '{"allowedGroups":["new"]}'));
    expect(await spreadAll(steps, documentId, () => false)).toEqual([500, 500, 500, 200]);
    expect(new Set(carried(steps).map(({ groups }) => groups?.join()))).toEqual(new Set(['new']));
    expect((await steps.head())?.metadataPending).toBeFalsy();
  });

  it('are asked for only where there is a document', async () => {
    expect(await spread(makeSteps(), documentIdOf('default', 'documents/none.md'))).toBe(0);
  });
});
