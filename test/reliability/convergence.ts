import { chunkIdOf } from '../../lambdas/document.ts';
import type { KeyState } from './whole-state.ts';

/** Each edition of a document says in every paragraph which one it is. */
const EDITION = /\bedition[0-9a-z]+\b/g;

/** @param paragraphs about 150 tokens each; none makes an empty file */
export const edition = (word: string, paragraphs: number): string =>
  Array.from({ length: paragraphs }, (_, n) => `${SENTENCE.repeat(8)}This is paragraph ${n} of ${word}.`).join('\n\n');
const SENTENCE = 'The keeper of the lighthouse writes down the weather, the tide and the ships. ';

export const editionsIn = (text: string): string[] => [...new Set(text.match(EDITION) ?? [])];

/**
 * In what registry, chunks, vectors and the API differ from the bucket, once everything is done.
 * @returns nothing when they agree
 */
export function differences(state: KeyState): string[] {
  const { object, key } = state;
  const found = object === undefined ? deletedDifferences(state) : liveDifferences(state, object);
  return found.map(difference => `${key}: ${difference}`);
}

function deletedDifferences({ head, chunks, vectors, archived, listed }: KeyState): string[] {
  return [
    ...(head && head.status !== 'DELETED' ? [`the object is gone, but the head is ${head.status}`] : []),
    ...(head?.liveVersion !== undefined ? [`the object is gone, but version ${head.liveVersion} is live`] : []),
    ...(listed ? ['the object is gone, but the document is listed'] : []),
    ...leftovers(chunks.map(chunkIdOf), vectors, []),
    ...archived.map(version => `embeddings of version ${version} are archived, which is not live`),
  ];
}

function liveDifferences(state: KeyState, object: NonNullable<KeyState['object']>): string[] {
  const { head, versions, chunks, vectors, archived, listed } = state;
  if (!head) return ['the object is not in the registry'];
  const live = versions.find(({ version }) => version === head.liveVersion);
  const isEmpty = object.text === '';
  const expected = isEmpty ? 'FAILED' : 'COMPLETED';
  const liveChunks = chunks.filter(({ version }) => version === head.liveVersion);
  const editions = editionsIn(liveChunks.map(({ text }) => text).join('\n'));
  const outdated = versions.filter(({ version }) => version !== head.liveVersion && version !== head.newestVersion);
  return [
    ...(head.status === expected ? [] : [`the head is ${head.status} (${head.error?.code}), not ${expected}`]),
    ...(listed?.status === head.status ? [] : [`it is listed as ${listed?.status}`]),
    ...(isEmpty || head.liveVersion === head.newestVersion ? [] : ['the newest version is not live']),
    ...(isEmpty || live?.s3VersionId === object.s3VersionId ? [] : ['the live version is of another object version']),
    ...(isEmpty || String(editions) === String(editionsIn(object.text)) ? [] : [`its chunks are of ${editions}`]),
    ...(liveChunks.length === head.chunkCount ? [] : [`${liveChunks.length} chunks of ${head.chunkCount}`]),
    ...(liveChunks.length === (listed?.chunkCount ?? 0) ? [] : [`listed with ${listed?.chunkCount} chunks`]),
    ...outdated
      .filter(({ status }) => status !== 'DELETED')
      .map(({ version, status }) => `version ${version} is ${status}, not DELETED`),
    ...leftovers(chunks.map(chunkIdOf), vectors, liveChunks.map(chunkIdOf)),
    ...archived
      .filter(version => version !== head.liveVersion)
      .map(version => `embeddings of version ${version} are archived, which is not live`),
    ...(head.liveVersion === undefined || archived.includes(head.liveVersion)
      ? []
      : ['its embeddings are not archived']),
  ];
}

function leftovers(chunks: readonly string[], vectors: readonly string[], expected: readonly string[]): string[] {
  const wanted = new Set(expected);
  return [
    ...chunks.filter(id => !wanted.has(id)).map(id => `chunk ${id} is of no live version`),
    ...vectors.filter(id => !wanted.has(id)).map(id => `vector ${id} is of no live version`),
    ...expected.filter(id => !vectors.includes(id)).map(id => `chunk ${id} has no vector`),
  ];
}
