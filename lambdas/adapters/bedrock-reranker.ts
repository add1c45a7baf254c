import * as z from 'zod';
import type { Reranker } from '../ports.ts';
import { type AwsClient, readJson } from './aws/client.ts';

/** Of Rerank's API: characters of a text, and texts of a call. */
const MAX_CHARACTERS = 32_000;
const MAX_TEXTS = 1_000;

const rerankReply = z.object({
  results: z.array(z.object({ index: z.int().min(0), relevanceScore: z.number() })),
});

/**
 * Amazon Bedrock's Rerank, with Amazon's or Cohere's model. A text over the limit is ranked by its beginning, and texts
 * beyond the first thousand are not ranked. Retries are the client's (`maxAttempts`).
 * @param modelArn of a foundation model in the client's region
 */
export function bedrockReranker(client: AwsClient, modelArn: string): Reranker {
  return {
    modelId: modelArn.slice(modelArn.lastIndexOf('/') + 1),
    async rerank(query, texts, topK, signal) {
      signal?.throwIfAborted();
      const sources = texts.slice(0, MAX_TEXTS).map(sourceOf);
      const numberOfResults = Math.min(topK, sources.length);
      if (numberOfResults === 0) return [];
      const body = JSON.stringify({
        queries: [{ type: 'TEXT', textQuery: { text: beginning(query) } }],
        sources,
        rerankingConfiguration: {
          type: 'BEDROCK_RERANKING_MODEL',
          bedrockRerankingConfiguration: { numberOfResults, modelConfiguration: { modelArn } },
        },
      });
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const { results } = rerankReply.parse(await client.send({ path: '/rerank', headers, body }, readJson, signal));
      checkIndices(results, sources.length);
      return results
        .map(({ index, relevanceScore }) => ({ index, score: relevanceScore }))
        .sort((a, b) => b.score - a.score)
        .slice(0, numberOfResults);
    },
  };
}

const sourceOf = (text: string) => ({
  type: 'INLINE',
  inlineDocumentSource: { type: 'TEXT', textDocument: { text: beginning(text) } },
});

const beginning = (text: string): string => text.slice(0, MAX_CHARACTERS).toWellFormed(); // the cut may be amid a character

function checkIndices(results: readonly { readonly index: number }[], count: number): void {
  const indices = new Set(results.map(({ index }) => index));
  if (indices.size === results.length && Math.max(-1, ...indices) < count) return;
  throw new Error(`Rerank named texts twice, or others than the ${count} that it was given.`);
}
