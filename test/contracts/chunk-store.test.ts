import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbChunkStore } from '../../lambdas/adapters/dynamodb-chunk-store.ts';
import { inMemoryChunkStore } from '../fakes/chunk-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { chunkStoreContract } from './chunk-store.ts';

describe('in memory', () => {
  chunkStoreContract(async () => inMemoryChunkStore());
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  chunkStoreContract(async () => dynamodbChunkStore(tables.client, await tables.createChunks()));
});
