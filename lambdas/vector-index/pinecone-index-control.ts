import { setTimeout as sleep } from 'node:timers/promises';
import { Errors, type IndexModel, Pinecone } from '@pinecone-database/pinecone';
import * as z from 'zod';
import { RetryingFetch } from '../adapters/retrying-fetch.ts';
import type { ExistingIndex, IndexControl } from './vector-index.ts';

const POLL_MS = 1_000;

const vectorField = z.object({ type: z.literal('dense_vector'), dimension: z.number(), metric: z.string() });

export interface IndexControlOptions {
  /** Milliseconds for which throttled and failing calls are repeated. @default 30 000 */
  readonly retryForMs?: number;
  /** @default Pinecone's own address */
  readonly controllerHostUrl?: string;
}

/** Pinecone's control plane. */
export function pineconeIndexControl(
  apiKey: string,
  { retryForMs = 30_000, controllerHostUrl }: IndexControlOptions = {},
): IndexControl {
  const indexes = () => {
    const { fetch: fetchApi } = new RetryingFetch({ retryForMs });
    return new Pinecone({ apiKey, maxRetries: 0, fetchApi, controllerHostUrl }).indexes;
  };

  const find = (name: string) => unlessNotFound(indexes().describe(name));

  return {
    async describe(name) {
      const model = await find(name);
      return model && toExistingIndex(model);
    },

    async create({ IndexName, Dimension, Metric, Cloud, Region, DeletionProtection }) {
      const created = await indexes().create({
        name: IndexName,
        schema: { fields: { _values: { type: 'dense_vector', dimension: Dimension, metric: Metric } } },
        deployment: { deploymentType: 'managed', cloud: Cloud, region: Region },
        deletionProtection: DeletionProtection,
        suppressConflicts: true,
      });
      return created !== undefined;
    },

    async waitUntilReady(name, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (;;) {
        const model = await find(name);
        if (model?.status.ready && model.host) return model.host;
        if (performance.now() + POLL_MS > deadline) {
          const seconds = Math.round(timeoutMs / 1_000);
          throw new Error(`Index ${name} was not ready within ${seconds} s: ${model?.status.state ?? 'not found'}`);
        }
        await sleep(POLL_MS);
      }
    },

    async protect(name, deletionProtection) {
      await indexes().configure(name, { deletionProtection });
    },

    async remove(name) {
      await unlessNotFound(indexes().delete(name));
    },
  };
}

async function unlessNotFound<Result>(request: Promise<Result>): Promise<Result | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof Errors.PineconeNotFoundError) return undefined;
    throw error;
  }
}

function toExistingIndex({ schema, deletionProtection }: IndexModel): ExistingIndex {
  const vector = vectorField.safeParse(schema.fields._values).data; // an index of another kind has none
  return {
    dimension: vector?.dimension,
    metric: vector?.metric,
    deletionProtection: deletionProtection === 'enabled' ? 'enabled' : 'disabled',
  };
}
