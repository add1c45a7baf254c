import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbDocumentStore } from '../../lambdas/adapters/dynamodb-document-store.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { documentStoreContract } from './document-store.ts';

describe('in memory', () => {
  documentStoreContract(async clock => inMemoryDocumentStore(clock));
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  documentStoreContract(async clock => dynamodbDocumentStore(tables.client, await tables.createDocuments(), clock));
});
