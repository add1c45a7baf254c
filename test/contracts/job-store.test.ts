import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbJobStore } from '../../lambdas/adapters/dynamodb-job-store.ts';
import { inMemoryJobStore } from '../fakes/job-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { jobStoreContract } from './job-store.ts';

describe('in memory', () => {
  jobStoreContract(async clock => inMemoryJobStore(clock));
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  jobStoreContract(async clock => dynamodbJobStore(tables.client, await tables.createJobs(), clock));
});
