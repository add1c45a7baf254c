import * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { chunkIdOf, parseChunkId, type StoredChunk } from '../document.ts';
import { AppFailure } from '../errors.ts';
import { type DocumentPorts, readHead } from './documents.ts';
import type { chunkListSchema, listChunksQuery } from './schemas.ts';

const chunkCursor = z.strictObject({ version: z.int().min(1), from: z.int().min(0) });

/**
 * Chunks of the live version; a document without one has none to show.
 * @throws AppFailure version-not-live when another version is asked for, also by a chunk's id
 */
export async function listChunks(
  ports: Pick<DocumentPorts, 'documents' | 'chunks'>,
  reader: Reader,
  documentId: string,
  query: z.infer<typeof listChunksQuery>,
): Promise<z.infer<typeof chunkListSchema>> {
  const { liveVersion: version, chunkCount } = await readHead(ports, reader, documentId);
  if (query.version !== undefined && query.version !== version) throw notLive(documentId, query.version);
  const start = startOf(documentId, query);
  if (query.around !== undefined && start.version !== version) throw notLive(documentId, start.version ?? 0);
  if (version === undefined) return { chunks: [] };
  if ((start.version ?? version) !== version) {
    throw new AppFailure({
      kind: 'invalid-request',
      issues: ['cursor: the document has changed; start again without it'],
    });
  }
  const to = Math.min(start.from + query.limit, chunkCount);
  const chunks = await ports.chunks.range(documentId, version, start.from, to);
  return { chunks: chunks.map(viewOf), ...(to < chunkCount && { cursor: encodeCursor({ version, from: to }) }) };
}

/** Where a page begins; a chunk that is asked for stands in its middle. */
function startOf(
  documentId: string,
  { cursor, around, limit }: z.infer<typeof listChunksQuery>,
): { readonly version?: number; readonly from: number } {
  if (cursor !== undefined && around !== undefined) {
    throw new AppFailure({ kind: 'invalid-request', issues: ['around: not together with cursor'] });
  }
  if (cursor !== undefined) return decodeCursor(chunkCursor, cursor);
  if (around === undefined) return { from: 0 };
  const ref = parseChunkId(around);
  if (ref?.documentId !== documentId) {
    throw new AppFailure({ kind: 'invalid-request', issues: ['around: must be the id of a chunk of this document'] });
  }
  return { version: ref.version, from: Math.max(0, ref.index - Math.floor(limit / 2)) };
}

const notLive = (documentId: string, version: number): AppFailure =>
  new AppFailure({ kind: 'version-not-live', documentId, version });

const viewOf = (chunk: StoredChunk): z.infer<typeof chunkListSchema>['chunks'][number] => ({
  chunkId: chunkIdOf(chunk),
  index: chunk.index,
  text: chunk.text,
  ...(chunk.context !== undefined && { context: chunk.context }),
  place: chunk.place,
  start: chunk.start,
  end: chunk.end,
  tokenCount: chunk.tokenCount,
  ...(chunk.suspicious && { suspicious: [...chunk.suspicious] }),
});
