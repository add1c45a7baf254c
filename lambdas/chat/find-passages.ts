import type { Reader } from '../conversation.ts';
import type { ChatModel, EmbeddingModel, SearchFilter } from '../ports.ts';
import type { History } from './history.ts';
import { condense, embedQuestion } from './question-embedding.ts';
import { type Retrieved, type RetrievePorts, retrieve } from './retrieve.ts';
import type { UsageMeter } from './usage-meter.ts';

export interface FindPorts extends RetrievePorts {
  readonly embeddings: EmbeddingModel;
  readonly condenseModel: ChatModel;
}

export interface AskedInConversation {
  /** The question as it was asked, and its embedding. */
  readonly text: string;
  readonly embedding: readonly number[];
  readonly history: History;
  readonly meter: UsageMeter;
  readonly reader: Reader;
  readonly topK: number;
  readonly filter?: SearchFilter | undefined;
  /** Passages with signs that they are to steer a model do not count. */
  readonly withoutSuspicious: boolean;
}

export interface Found extends Retrieved {
  /** What the question means in its conversation; absent when it stands alone as it is. */
  readonly standaloneQuestion?: string;
}

/**
 * The passages found for a question. A follow-up is condensed while the question as it was asked is searched for, so that
 * condensing costs no waiting when it adds nothing; when it does, what it gives is searched for instead.
 */
export async function findPassages(ports: FindPorts, asked: AskedInConversation, signal: AbortSignal): Promise<Found> {
  const { text, history, meter, reader, topK, filter, withoutSuspicious } = asked;
  const find = (searched: string, embedding: readonly number[]) => {
    const search = { reader, topK, spare: topK, text: searched, embedding, withoutSuspicious };
    return retrieve(ports, { ...search, ...(filter && { filter }) }, signal);
  };
  if (history.turns.length === 0 && history.summary === undefined) return find(text, asked.embedding);
  const [standaloneQuestion, found] = await Promise.all([
    condense(ports.condenseModel, history, text, signal),
    find(text, asked.embedding),
  ]);
  if (standaloneQuestion === undefined) return found;
  const embedding = await embedQuestion(ports.embeddings, standaloneQuestion, meter, signal);
  return { standaloneQuestion, ...(await find(standaloneQuestion, embedding)) };
}
