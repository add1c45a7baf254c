import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbKeyStore } from '../../lambdas/adapters/dynamodb-key-store.ts';
import { inMemoryKeyStore } from '../fakes/key-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { keyStoreContract } from './key-store.ts';

describe('in memory', () => {
  keyStoreContract(async clock => inMemoryKeyStore(clock));
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  keyStoreContract(async clock => dynamodbKeyStore(tables.client, await tables.createKeys(), clock));
});
