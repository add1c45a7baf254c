import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import type { BudgetLeft } from '../budgets.ts';
import { type BudgetPorts, reserveBudget } from '../chat/budget.ts';
import { estimateSearch } from '../chat/estimate.ts';
import { meteredReranker } from '../chat/metered-model.ts';
import { sourceOf } from '../chat/passage.ts';
import { embedQuestion } from '../chat/question-embedding.ts';
import { type LedgerPorts, recordUse } from '../chat/record-use.ts';
import { type Reranking, reranked } from '../chat/rerank.ts';
import { type Retrieved, type RetrievePorts, retrieve } from '../chat/retrieve.ts';
import { type ModelPrices, UsageMeter } from '../chat/usage-meter.ts';
import type { Reader } from '../conversation.ts';
import { budgetHeaders } from '../http/headers.ts';
import { readJson } from '../http/request.ts';
import type { Reply } from '../http/response.ts';
import type { IdentityRules } from '../identity/identity-rules.ts';
import type { EmbeddingModel } from '../ports.ts';
import { admit } from '../reader.ts';
import { type searchReplySchema, searchRequestSchema } from './schemas.ts';

export interface SearchPorts extends RetrievePorts, BudgetPorts, LedgerPorts {
  readonly embeddings: EmbeddingModel;
  /** Absent: matches keep the order of retrieval. */
  readonly reranking?: Reranking | undefined;
  readonly prices: ModelPrices;
  /** Tokens of a passage, as documents are usually cut. */
  readonly passageTokens: number;
  /** Matches when the request does not say. */
  readonly topK: number;
}

export interface SearchOutcome {
  readonly reply: z.infer<typeof searchReplySchema>;
  /** Of the reader's budgets; absent without limits. */
  readonly left?: BudgetLeft | undefined;
}

type SearchRequest = z.infer<typeof searchRequestSchema>;

/** Answers `POST /search`. @throws AppFailure not-allowed, what `readJson` throws, budget-spent */
export async function respondWithSearch(
  { identity, ...ports }: SearchPorts & { readonly identity: IdentityRules },
  event: APIGatewayProxyEvent,
  signal: AbortSignal,
): Promise<Reply> {
  const reader = admit(event, identity, 'reader');
  const { reply, left } = await search(ports, reader, readJson(event, searchRequestSchema), signal);
  return { status: 200, body: reply, headers: budgetHeaders(left) };
}

/**
 * The passages closest to a text, by the same rules as those that an answer draws on, and within the same budgets.
 * @throws AppFailure budget-spent
 */
export async function search(
  ports: SearchPorts,
  reader: Reader,
  { topK = ports.topK, ...request }: SearchRequest,
  signal: AbortSignal,
): Promise<SearchOutcome> {
  const wanted = { ...request, topK };
  const reservation = await reserveBudget(ports, reader, estimateSearch(wanted, ports), new Date());
  const meter = new UsageMeter(ports.prices);
  let left: BudgetLeft | undefined;
  let found: Retrieved;
  try {
    found = await find(ports, reader, wanted, { meter, signal });
  } finally {
    const { inputTokens, outputTokens, costUsd } = meter.total();
    [left] = await Promise.all([
      reservation.settle({ tokens: inputTokens + outputTokens, usd: costUsd }),
      recordUse(ports, reader, meter, 0, new Date()),
    ]);
  }
  const matches = found.passages.map(passage => ({ ...sourceOf(passage), text: passage.chunk.text }));
  return { reply: { matches, evidence: found.evidence, usage: meter.total() }, left };
}

async function find(
  ports: SearchPorts,
  reader: Reader,
  { query, topK, filter }: SearchRequest & { readonly topK: number },
  { meter, signal }: { readonly meter: UsageMeter; readonly signal: AbortSignal },
): Promise<Retrieved> {
  const [embedding] = await Promise.all([
    embedQuestion(ports.embeddings, query, meter, signal),
    ports.statistics.read(reader.tenant), // kept: retrieval finds them read
  ]);
  const { reranking } = ports;
  const spare = reranking ? topK : 0; // what a reranker may put before others
  const asked = { reader, text: query, embedding, topK, spare, ...(filter && { filter }) };
  const { passages, evidence } = await retrieve(ports, asked, signal);
  const metered = reranking && { ...reranking, reranker: meteredReranker(reranking.reranker, meter) };
  return { passages: (await reranked(metered, query, passages, signal)).slice(0, topK), evidence };
}
