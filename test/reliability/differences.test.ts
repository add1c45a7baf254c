import { describe, expect, it } from 'vitest';
import { documentIdOf } from '../../lambdas/document.ts';
import { differences, edition, editionsIn } from './convergence.ts';
import type { KeyState } from './whole-state.ts';

const key = 'documents/a.md';
const documentId = documentIdOf('default', key);
const times = { createdAt: '', updatedAt: '' };
const text = edition('edition1', 2);

/** An object in version 2, everything as it should be; only what is compared is there. */
const settled = {
  key,
  object: { s3VersionId: 's2', text },
  head: { documentId, key, status: 'COMPLETED', liveVersion: 2, newestVersion: 2, chunkCount: 1, ...times },
  versions: [
    { documentId, version: 1, s3VersionId: 's1', status: 'DELETED' },
    { documentId, version: 2, s3VersionId: 's2', status: 'COMPLETED' },
  ],
  chunks: [{ documentId, version: 2, index: 0, text }],
  vectors: [`${documentId}#000002#000000`],
  archived: [2],
  listed: { documentId, key, status: 'COMPLETED', chunkCount: 1 },
} as unknown as KeyState; // far fewer fields than records have
const gone = {
  ...settled,
  ...{ object: undefined, chunks: [], vectors: [], archived: [], listed: undefined },
} as unknown as KeyState;

describe('the comparison of a settled document', () => {
  it('finds nothing where all agree', () => {
    expect(editionsIn(text)).toEqual(['edition1']);
    expect(differences(settled)).toEqual([]);
    expect(
      differences({ ...gone, head: { ...settled.head, status: 'DELETED', liveVersion: undefined } as never }),
    ).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['a status', { head: { ...settled.head, status: 'PROCESSING' } }, /the head is PROCESSING/],
    ['an older live version', { head: { ...settled.head, liveVersion: 1 } }, /the newest version is not live/],
    ['another object version', { object: { s3VersionId: 's3', text } }, /of another object version/],
    [
      'text of another edition',
      { object: { s3VersionId: 's2', text: edition('edition2', 1) } },
      /chunks are of edition1/,
    ],
    [
      'a chunk too many',
      { chunks: [...settled.chunks, { documentId, version: 1, index: 0, text }] },
      /chunk .* is of no live/,
    ],
    ['a chunk too few', { chunks: [] }, /0 chunks of 1/],
    ['a vector too many', { vectors: [...settled.vectors, `${documentId}#000001#000000`] }, /vector .* is of no live/],
    ['embeddings of an older version', { archived: [1, 2] }, /version 1 are archived/],
    ['embeddings that are missing', { archived: [] }, /are not archived/],
    ['a vector too few', { vectors: [] }, /has no vector/],
    [
      'a version not swept',
      { versions: settled.versions.map(v => ({ ...v, status: 'COMPLETED' })) },
      /version 1 is COMPLETED/,
    ],
    ['no entry in the list', { listed: undefined }, /listed as undefined/],
    ['no record at all', { head: undefined }, /not in the registry/],
  ])('finds %s', (_, change, difference) => {
    expect(differences({ ...settled, ...change } as KeyState).join('\n')).toMatch(difference);
  });

  it.each<[string, object, RegExp]>([
    ['that is still live', {}, /version 2 is live/],
    ['that is still listed', { listed: settled.listed }, /is listed/],
    ['that left a chunk', { chunks: settled.chunks }, /chunk .* is of no live/],
    ['that left embeddings', { archived: [2] }, /version 2 are archived/],
    ['that left a vector', { vectors: settled.vectors }, /vector .* is of no live/],
  ])('finds a deleted document %s', (_, change, difference) => {
    expect(differences({ ...gone, ...change } as KeyState).join('\n')).toMatch(difference);
  });
});
