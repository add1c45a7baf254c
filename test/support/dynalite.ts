import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { type DynamodbClient, dynamodbDocumentClient } from '../../lambdas/adapters/dynamodb-client.ts';

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const number = (AttributeName: string) => ({ AttributeName, AttributeType: 'N' as const });
const keys = (partition: string, sort: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];
const index = (partition: string, sort: string) => ({
  IndexName: `${partition}-${sort}`,
  KeySchema: keys(partition, sort),
  Projection: { ProjectionType: 'ALL' as const },
});

const documentsTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: keys('documentId', 'version'),
  AttributeDefinitions: [text('documentId'), number('version'), text('tenant'), text('status'), text('updatedAt')],
  GlobalSecondaryIndexes: [index('tenant', 'updatedAt'), index('status', 'updatedAt')],
};
const chunksTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: keys('documentId', 'chunkKey'),
  AttributeDefinitions: [text('documentId'), text('chunkKey')],
};

const jobsTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: [{ AttributeName: 'jobId', KeyType: 'HASH' }],
  AttributeDefinitions: [text('jobId'), text('status'), text('startedAt')],
  GlobalSecondaryIndexes: [index('status', 'startedAt')],
};

const quotasTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: keys('owner', 'month'),
  AttributeDefinitions: [text('owner'), text('month')],
};

const answersTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: keys('answerKey', 'replyId'),
  AttributeDefinitions: [text('answerKey'), text('replyId')],
};

const keysTable: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: [{ AttributeName: 'keyId', KeyType: 'HASH' }],
  AttributeDefinitions: [text('keyId'), text('tenant'), text('createdAt')],
  GlobalSecondaryIndexes: [index('tenant', 'createdAt')],
};

export interface TestTables {
  readonly client: DynamodbClient;
  /** For what no adapter does: making tables. */
  readonly control: DynamoDBClient;
  /** Makes an empty Documents table. @returns its name */
  createDocuments(): Promise<string>;
  createChunks(): Promise<string>;
  createJobs(): Promise<string>;
  createQuotas(): Promise<string>;
  createAnswers(): Promise<string>;
  createKeys(): Promise<string>;
  close(): Promise<void>;
}

/** DynamoDB in this process, in memory, on a free port of 127.0.0.1. */
export async function startDynalite(): Promise<TestTables> {
  const server = dynalite({ createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const control = new DynamoDBClient(config);
  const client = dynamodbDocumentClient(config);
  let tableCount = 0;

  const create = async (table: Omit<CreateTableCommandInput, 'TableName'>) => {
    tableCount += 1;
    const TableName = `table-${tableCount}`;
    await control.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...table, TableName }));
    await untilActive(control, TableName);
    return TableName;
  };

  return {
    client,
    control,
    createDocuments: () => create(documentsTable),
    createChunks: () => create(chunksTable),
    createJobs: () => create(jobsTable),
    createQuotas: () => create(quotasTable),
    createAnswers: () => create(answersTable),
    createKeys: () => create(keysTable),
    async close() {
      control.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The SDK's own waiter waits for whole seconds. */
async function untilActive(control: DynamoDBClient, TableName: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const { Table } = await control.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await sleep(10);
  }
  throw new Error(`Table ${TableName} did not become active`);
}
