import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbUsageLedger } from '../../lambdas/adapters/dynamodb-usage-ledger.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { usageLedgerContract } from './usage-ledger.ts';

describe('in memory', () => {
  usageLedgerContract(async () => inMemoryUsageLedger());
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  usageLedgerContract(async () => dynamodbUsageLedger(tables.client, await tables.createQuotas()));
});
