import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbSpendStore } from '../../lambdas/adapters/dynamodb-spend-store.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { spendStoreContract } from './spend-store.ts';

describe('in memory', () => {
  spendStoreContract(async () => inMemorySpendStore());
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  spendStoreContract(async () => dynamodbSpendStore(tables.client, await tables.createQuotas()));
});
