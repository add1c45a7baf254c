import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe } from 'vitest';
import { pineconeVectorStore } from '../../lambdas/adapters/pinecone-vector-store.ts';
import { inMemoryVectorStore } from '../fakes/vector-store.ts';
import { type LocalServices, PINECONE_KEY, startLocalServices } from '../support/local-services.ts';
import { vectorStoreContract } from './vector-store.ts';

describe('in memory', () => {
  vectorStoreContract(async () => inMemoryVectorStore(), 8);
});

describe('Pinecone', () => {
  // As large as real embeddings, so that requests are cut by bytes too.
  const dimension = 1_024;
  let services: LocalServices;
  let indexCount = 0;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  vectorStoreContract(async () => {
    indexCount += 1;
    const pinecone = new Pinecone({ apiKey: PINECONE_KEY, controllerHostUrl: services.pineconeUrl });
    const { host } = await pinecone.indexes.create({
      name: `index-${indexCount}`,
      schema: { fields: { _values: { type: 'dense_vector', dimension, metric: 'dotproduct' } } },
      deployment: { deploymentType: 'managed', cloud: 'aws', region: 'us-east-1' },
      waitUntilReady: true,
      timeout: 10_000,
    });
    if (!host) throw new Error('The index has no host');
    return pineconeVectorStore({ host, apiKey: async () => PINECONE_KEY });
  }, dimension);
});
