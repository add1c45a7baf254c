import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { rerankClient } from '../adapters/aws/services.ts';
import { bedrockReranker } from '../adapters/bedrock-reranker.ts';
import { logger, metrics } from '../telemetry.ts';
import type { Reranking } from './rerank.ts';

/** Nobody waits long for a better order of passages. */
const ATTEMPTS = 2;
const LIMIT_MS = 1_500;

/** What a function reranks by, telling in log and metrics when that fails; nothing without a model. */
export function bedrockReranking(modelArn: string | undefined): Reranking | undefined {
  if (modelArn === undefined) return undefined;
  const reranker = bedrockReranker(rerankClient({ maxAttempts: ATTEMPTS }), modelArn);
  return { reranker, limitMs: LIMIT_MS, failed };
}

/** The metric is published with those of the whole request. */
function failed(error: unknown): void {
  logger.warn('The passages could not be reranked: they keep the order of retrieval.', { error });
  metrics.addMetric('RerankFailed', MetricUnit.Count, 1);
}
