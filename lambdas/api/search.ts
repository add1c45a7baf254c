import type * as z from 'zod';
import { sourceOf } from '../chat/passage.ts';
import { type RetrievePorts, retrieve } from '../chat/retrieve.ts';
import type { Reader } from '../conversation.ts';
import { untilAborted } from '../http/deadline.ts';
import type { EmbeddingModel } from '../ports.ts';
import type { searchReplySchema, searchRequestSchema } from './schemas.ts';

export interface SearchPorts extends RetrievePorts {
  readonly embeddings: EmbeddingModel;
  /** Matches when the request does not say. */
  readonly topK: number;
}

/** The passages closest to a text, by the same rules as those that an answer draws on. */
export async function search(
  ports: SearchPorts,
  reader: Reader,
  { query, topK = ports.topK, filter }: z.infer<typeof searchRequestSchema>,
  signal: AbortSignal,
): Promise<z.infer<typeof searchReplySchema>> {
  const [embedding] = await Promise.all([
    untilAborted(ports.embeddings.embedQuery(query, signal), signal),
    ports.statistics.read(reader.tenant), // kept: retrieval finds them read
  ]);
  const { passages, evidence } = await retrieve(
    ports,
    { reader, text: query, embedding, topK, ...(filter && { filter }) },
    signal,
  );
  return { matches: passages.map(passage => ({ ...sourceOf(passage), text: passage.chunk.text })), evidence };
}
