import { afterAll, beforeAll, describe } from 'vitest';
import { bedrockEmbeddingModel } from '../../lambdas/adapters/bedrock-embedding-model.ts';
import { fakeEmbeddingModel } from '../fakes/embedding-model.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { embeddingModelContract } from './embedding-model.ts';

describe('fake', () => {
  embeddingModelContract(() => fakeEmbeddingModel());
});

describe('Titan on Bedrock', () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  embeddingModelContract(() =>
    bedrockEmbeddingModel(services.clients.bedrock, {
      modelId: 'amazon.titan-embed-text-v2:0',
      dimension: 512,
      concurrency: 4,
    }),
  );
});
