import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import type { DocumentHead } from '../document.ts';
import type { ChunkStore, DocumentStore } from '../ports.ts';
import { mayRead } from '../reader.ts';
import type { suggestionsSchema } from './schemas.ts';
import { questionsIn } from './suggested-questions.ts';

export interface SuggestionPorts {
  readonly documents: Pick<DocumentStore, 'listHeads'>;
  readonly chunks: Pick<ChunkStore, 'range'>;
}

const MAX_SUGGESTIONS = 6;
/** Of the documents that changed last. */
const MAX_DOCUMENTS = 8;
const CHUNKS_READ = 12;
/** A reader who may read none of the first pages is offered nothing rather than kept waiting. */
const PAGES = 3;
const PAGE = 100;
const MAX_KEPT = 1_000;

/** What a version's first chunks ask; a version never changes, so that nothing kept here grows old. */
export type KnownQuestions = Map<string, readonly string[]>;

/**
 * First questions for a reader, from the documents that changed last among those that the reader may read now. The same
 * documents give the same questions.
 * @param known kept from call to call
 */
export async function suggestQuestions(
  ports: SuggestionPorts,
  reader: Reader,
  known: KnownQuestions,
): Promise<z.infer<typeof suggestionsSchema>> {
  const heads = await readableHeads(ports, reader);
  const found = await Promise.all(heads.map(head => questionsOf(ports, head, known)));
  const ranks = Math.max(0, ...found.map(({ length }) => length));
  // One of each document before a second one of any.
  const inTurn = Array.from({ length: ranks }, (_, rank) => found.flatMap(questions => questions[rank] ?? [])).flat();
  return { questions: [...new Set(inTurn)].slice(0, MAX_SUGGESTIONS) };
}

async function readableHeads({ documents }: SuggestionPorts, reader: Reader): Promise<DocumentHead[]> {
  const readable: DocumentHead[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES; page += 1) {
    const options = { limit: PAGE, status: 'COMPLETED' as const, ...(cursor !== undefined && { cursor }) };
    const { heads, cursor: next } = await documents.listHeads(reader.tenant, options);
    readable.push(...heads.filter(head => head.liveVersion !== undefined && mayRead(reader, head)));
    if (readable.length >= MAX_DOCUMENTS || next === undefined) break;
    cursor = next;
  }
  return readable.slice(0, MAX_DOCUMENTS);
}

async function questionsOf(
  { chunks }: SuggestionPorts,
  { documentId, liveVersion = 0, title, chunkCount }: DocumentHead,
  known: KnownQuestions,
): Promise<readonly string[]> {
  const key = `${documentId}#${liveVersion}`;
  const kept = known.get(key);
  if (kept) return kept;
  const first = await chunks.range(documentId, liveVersion, 0, Math.min(CHUNKS_READ, chunkCount));
  const questions = questionsIn(title, first);
  if (known.size >= MAX_KEPT) known.clear();
  known.set(key, questions);
  return questions;
}
