import pMap from 'p-map';
import * as z from 'zod';
import { AppFailure } from '../errors.ts';
import type { EmbeddingModel } from '../ports.ts';
import { throttleOf } from '../throttling.ts';
import { type AwsClient, readJson } from './aws/client.ts';
import { encodeUri } from './aws/signature.ts';

export interface TitanOptions {
  readonly modelId: string;
  /** 256, 512 or 1024. */
  readonly dimension: number;
  /** Calls at a time, since a call takes one text. */
  readonly concurrency: number;
}

const titanResponse = z.object({ embedding: z.array(z.number()) });

/** Titan's limits are 50,000 characters and 8,192 tokens a text. */
const MAX_CHARACTERS = 50_000;
/** Share of a text that is kept when Titan finds it too long in tokens, and how often it is cut. */
const KEPT_SHARE = 0.75;
const MAX_CUTS = 12;
const RETRY_AFTER_SECONDS = 5;

/**
 * Amazon Titan Text Embeddings V2. A text over the model's limits is embedded by its beginning. Retries are the client's
 * (`maxAttempts`).
 */
export function bedrockEmbeddingModel(
  client: AwsClient,
  { modelId, dimension, concurrency }: TitanOptions,
): EmbeddingModel {
  const invoke = async (inputText: string, signal?: AbortSignal): Promise<number[]> => {
    const body = JSON.stringify({ inputText, dimensions: dimension, normalize: true });
    const headers = { 'content-type': 'application/json', accept: 'application/json' };
    const request = { path: `/model/${encodeUri(modelId)}/invoke`, headers, body };
    const { embedding } = titanResponse.parse(await client.send(request, readJson, signal));
    if (embedding.length === dimension) return embedding;
    throw new Error(`${modelId} gave an embedding of ${embedding.length} values, not ${dimension}`);
  };

  const embed = async (text: string, signal?: AbortSignal): Promise<number[]> => {
    let kept = beginning(text, MAX_CHARACTERS);
    for (let cuts = 0; ; cuts += 1) {
      try {
        return await invoke(kept, signal);
      } catch (error) {
        if (cuts >= MAX_CUTS || !isTooLong(error)) throw worded(error, signal);
        kept = beginning(kept, Math.floor(kept.length * KEPT_SHARE));
      }
    }
  };

  return {
    modelId,
    dimension,
    textsPerCall: 1,
    embedQuery: embed,
    embedDocuments: (texts, signal) => pMap(texts, text => embed(text, signal), { concurrency }),
  };
}

/** At most the first `length` UTF-16 code units, never half a surrogate pair. */
function beginning(text: string, length: number): string {
  if (text.length <= length) return text;
  const endsInPair = /[\uD800-\uDBFF]/.test(text.charAt(length - 1));
  return text.slice(0, endsInPair ? length - 1 : length);
}

const isTooLong = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'ValidationException' &&
  /too many input tokens|too long/i.test(error.message);

function worded(error: unknown, signal: AbortSignal | undefined): unknown {
  const timedOut = signal?.reason instanceof DOMException && signal.reason.name === 'TimeoutError';
  const throttle = throttleOf(error);
  if (!timedOut && !throttle) return error;
  const retryAfterSeconds = throttle?.retryAfterSeconds || RETRY_AFTER_SECONDS;
  return new AppFailure(
    { kind: 'service-unavailable', service: 'The embedding model', retryAfterSeconds },
    { cause: error },
  );
}
