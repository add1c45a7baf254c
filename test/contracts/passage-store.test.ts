import { afterAll, beforeAll, describe } from 'vitest';
import { dynamodbChunkStore } from '../../lambdas/adapters/dynamodb-chunk-store.ts';
import { dynamodbDocumentStore } from '../../lambdas/adapters/dynamodb-document-store.ts';
import { dynamodbPassageStore } from '../../lambdas/adapters/dynamodb-passage-store.ts';
import { inMemoryChunkStore } from '../fakes/chunk-store.ts';
import { inMemoryDocumentStore } from '../fakes/document-store.ts';
import { inMemoryPassageStore } from '../fakes/passage-store.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';
import { passageStoreContract } from './passage-store.ts';

describe('in memory', () => {
  passageStoreContract(async () => {
    const [documents, chunks] = [inMemoryDocumentStore(), inMemoryChunkStore()];
    return { documents, chunks, passages: inMemoryPassageStore(documents, chunks) };
  });
});

describe('in DynamoDB', () => {
  let tables: TestTables;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());

  passageStoreContract(async () => {
    const { client } = tables;
    const names = { documents: await tables.createDocuments(), chunks: await tables.createChunks() };
    return {
      documents: dynamodbDocumentStore(client, names.documents),
      chunks: dynamodbChunkStore(client, names.chunks),
      passages: dynamodbPassageStore(client, names),
    };
  });
});
