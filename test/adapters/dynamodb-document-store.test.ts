import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DynamodbClient } from '../../lambdas/adapters/dynamodb-client.ts';
import { dynamodbDocumentStore } from '../../lambdas/adapters/dynamodb-document-store.ts';
import { documentIdOf } from '../../lambdas/document.ts';
import type { DocumentStore } from '../../lambdas/ports.ts';
import { startDynalite, type TestTables } from '../support/dynalite.ts';

const key = 'documents/guide.md';
const documentId = documentIdOf('default', key);
const upload = { tenant: 'default', key, s3VersionId: 'v1', eTag: 'tag', size: 1, sequencer: '0A' };
const plan = { contentHash: 'ab'.repeat(32), title: 'The guide', chunkCount: 1, batchCount: 1 };
const error = { code: 'corrupt-file', message: 'The file is damaged.' };

/** Each operation that writes two items is repeated here after its process died between the two. */
describe('an operation whose process dies between its writes', () => {
  let tables: TestTables;
  let store: DocumentStore;
  let dying: DocumentStore;
  beforeAll(async () => {
    tables = await startDynalite();
  });
  afterAll(() => tables.close());
  beforeEach(async () => {
    const tableName = await tables.createDocuments();
    store = dynamodbDocumentStore(tables.client, tableName);
    dying = dynamodbDocumentStore(dyingAfter(tables.client, 1), tableName);
  });

  /** A client that dies once it has made so many writes. */
  function dyingAfter(client: DynamodbClient, writeCount: number): DynamodbClient {
    let made = 0;
    const counted =
      <Input, Reply>(write: (input: Input) => Promise<Reply>) =>
      async (input: Input): Promise<Reply> => {
        if (made >= writeCount) throw new Error('died');
        made += 1;
        return write(input);
      };
    return { ...client, put: counted(client.put), update: counted(client.update) };
  }

  const version = async () => {
    const found = await store.getVersion(documentId, 1);
    if (!found) throw new Error('There is no version 1');
    return found;
  };

  it('registers the upload when the event comes again', async () => {
    await expect(dying.registerUpload(upload)).rejects.toThrow('died');
    expect(await store.getVersion(documentId, 1)).toBeUndefined();
    expect(await store.registerUpload(upload)).toEqual({ outcome: 'repeated', version: 1, status: 'PENDING' });
    expect(await version()).toMatchObject({ status: 'PENDING', s3VersionId: 'v1', eTag: 'tag' });
  });

  it('starts processing at the next attempt', async () => {
    await store.registerUpload(upload);
    await expect(dying.startProcessing(documentId, 1)).rejects.toThrow('died');
    expect(await store.startProcessing(documentId, 1)).toMatchObject({ status: 'PROCESSING', attempts: 1 });
  });

  it('completes the version when the switch is repeated', async () => {
    await store.registerUpload(upload);
    await store.startProcessing(documentId, 1);
    await store.recordPlan(documentId, 1, plan);
    await expect(dying.switchLive(await version())).rejects.toThrow('died');
    expect(await store.getHead(documentId)).toMatchObject({ status: 'COMPLETED', liveVersion: 1 });
    expect(await store.switchLive(await version())).toBe(true);
    expect(await version()).toMatchObject({ status: 'COMPLETED' });
  });

  it('fails the version when the failure is repeated', async () => {
    await store.registerUpload(upload);
    await expect(dying.fail(documentId, 1, error)).rejects.toThrow('died');
    expect(await store.getHead(documentId)).toMatchObject({ status: 'FAILED', error });
    await store.fail(documentId, 1, error);
    expect(await version()).toMatchObject({ status: 'FAILED', error });
  });

  it('can be retried when reopening died, and then runs', async () => {
    await store.registerUpload(upload);
    await store.fail(documentId, 1, error);
    await expect(dying.reopen(documentId, 1)).rejects.toThrow('died');
    expect(await store.getHead(documentId)).toMatchObject({ status: 'FAILED' });
    expect(await store.reopen(documentId, 1)).toBe(true);
    expect(await store.startProcessing(documentId, 1)).toMatchObject({ status: 'PROCESSING' });
  });
});
