import { meetsFilter } from '../attribute-filter.ts';
import type { Reader } from '../conversation.ts';
import type { DocumentHead } from '../document.ts';
import { untilAborted } from '../http/deadline.ts';
import type { StatisticsReader } from '../lexical/cached-statistics.ts';
import type { Match, PassageStore, SearchFilter, VectorStore } from '../ports.ts';
import { mayRead } from '../reader.ts';
import { evidenceOf } from './evidence.ts';
import type { Passage } from './passage.ts';
import { queryVector } from './query-vector.ts';

export interface RetrievePorts {
  readonly vectors: VectorStore;
  readonly passages: PassageStore;
  readonly statistics: StatisticsReader;
  /** Share of meaning in the score, 0 to 1; the rest is the share of words. */
  readonly denseWeight: number;
}

export interface Search {
  readonly reader: Reader;
  /** What is looked for, in words, and its embedding. */
  readonly text: string;
  readonly embedding: readonly number[];
  readonly topK: number;
  /** Further passages to give, as far as they were read anyway. @default 0 */
  readonly spare?: number;
  readonly filter?: SearchFilter;
  /** Passages with signs that they are to steer a model do not count. @default false */
  readonly withoutSuspicious?: boolean;
}

/**
 * How many matches to ask for, per passage wanted. The vector store may still hold vectors of replaced and deleted
 * versions; if they crowd out what counts, one wider query is made.
 */
const OVER_FETCH = [3, 20] as const;
/** Bounds the batch read that follows. */
const MOST_MATCHES = 300;

export interface Retrieved {
  /** Of live versions only, at most `topK` and the spare ones, best first. */
  readonly passages: Passage[];
  /** See `evidenceOf`. */
  readonly evidence: number;
}

/** The passages that the reader may be shown. */
export async function retrieve(ports: RetrievePorts, search: Search, signal: AbortSignal): Promise<Retrieved> {
  const statistics = await untilAborted(ports.statistics.read(search.reader.tenant), signal);
  const vector = queryVector(search.text, search.embedding, { statistics, denseWeight: ports.denseWeight });
  let passages: Passage[] = [];
  for (const factor of OVER_FETCH) {
    const topK = Math.min(search.topK * factor, MOST_MATCHES);
    const { tenant, groups, readsOpenDocuments } = search.reader;
    const options = { topK, groups, readsOpenDocuments, signal, ...(search.filter && { filter: search.filter }) };
    const query = ports.vectors.query(tenant, vector, options);
    const matches = await untilAborted(query, signal);
    passages = await untilAborted(readPassages(ports.passages, search, matches), signal);
    if (passages.length >= search.topK || matches.length < topK) break;
  }
  return { passages, evidence: evidenceOf(search.text, passages, { statistics, denseWeight: ports.denseWeight }) };
}

async function readPassages(store: PassageStore, search: Search, matches: readonly Match[]): Promise<Passage[]> {
  if (matches.length === 0) return [];
  const { chunks, heads, s3VersionIds } = await store.readChunksAndHeads(matches);
  const chunkOf = new Map(chunks.map(chunk => [keyOf(chunk), chunk]));
  const passages = [...matches]
    .sort((a, b) => b.score - a.score)
    .flatMap((match): Passage[] => {
      const chunk = chunkOf.get(keyOf(match));
      const head = heads.get(match.documentId);
      if (!chunk || !head || !counts(head, chunk.version, search)) return [];
      if (search.withoutSuspicious && chunk.suspicious?.length) return [];
      const s3VersionId = s3VersionIds.get(match.documentId);
      return [{ chunk, head, score: match.score, ...(s3VersionId && { s3VersionId }) }];
    });
  return passages.slice(0, search.topK + (search.spare ?? 0));
}

/** The vector store's answer is a hint; the record of the document decides. */
function counts(head: DocumentHead, version: number, { reader, filter }: Search): boolean {
  if (head.liveVersion !== version || !mayRead(reader, head)) return false;
  if (filter?.documentIds && !filter.documentIds.includes(head.documentId)) return false;
  if (filter?.folder && !head.key.startsWith(filter.folder)) return false;
  return meetsFilter(head.attributes, filter?.attributes);
}

const keyOf = (ref: { documentId: string; version: number; index: number }): string =>
  `${ref.documentId}#${ref.version}#${ref.index}`;
