import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Iam } from '../../local/contracts.ts';
import { createDynamoDb, type DynamoDbServer, type TableSpec } from '../../local/dynamodb.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';

const region = 'eu-central-1';
const roleArn = 'arn:aws:iam::000000000000:role/api';
const tableArn = (name: string) => `arn:aws:dynamodb:${region}:000000000000:table/${name}`;
const documents: TableSpec = {
  name: 'Documents',
  keySchema: [
    { AttributeName: 'documentId', KeyType: 'HASH' },
    { AttributeName: 'version', KeyType: 'RANGE' },
  ],
  attributeDefinitions: [
    { AttributeName: 'documentId', AttributeType: 'S' },
    { AttributeName: 'version', AttributeType: 'N' },
    { AttributeName: 'tenant', AttributeType: 'S' },
  ],
  globalSecondaryIndexes: [
    {
      IndexName: 'byTenant',
      KeySchema: [{ AttributeName: 'tenant', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['title', 'state'] },
    },
  ],
};
const jobs: TableSpec = {
  name: 'Jobs',
  keySchema: [{ AttributeName: 'jobId', KeyType: 'HASH' }],
  attributeDefinitions: [{ AttributeName: 'jobId', AttributeType: 'S' }],
};
const head = (documentId: string) => ({ documentId: { S: documentId }, version: { N: '0' } });

let iam: Iam;
let server: DynamoDbServer;
let gateway: Gateway;
let operator: DynamoDBClient;

async function start(directory?: string): Promise<void> {
  iam = createIam();
  server = createDynamoDb({ iam, region, ...(directory === undefined ? {} : { directory }) });
  gateway = await startGateway({
    port: 0,
    routes: { dynamodb: server.handler },
    identify: createIdentify({ iam }),
    log: { line: (_source, line) => expect.unreachable(line) },
  });
  operator = clientWith({ accessKeyId: 'test', secretAccessKey: 'test' });
}
async function stop(): Promise<void> {
  operator.destroy();
  await gateway.close();
  await server.close();
}
beforeEach(() => start());
afterEach(() => stop());

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  return new DynamoDBClient({ endpoint: gateway.url, region, credentials, maxAttempts: 1 });
}
/** A function whose role may do `actions` on `resources`. */
function functionClient(actions: string[], resources: string[]): DynamoDBClient {
  const Principal = { Service: 'lambda.amazonaws.com' };
  const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } as const] };
  const policy = { Statement: [{ Effect: 'Allow', Action: actions, Resource: resources } as const] };
  iam.putRole({ arn: roleArn, name: 'api', trust, policies: [policy] });
  return clientWith(iam.issueCredentials(roleArn, 'records'));
}
const denied = (action: string, arn: string) => ({
  name: 'AccessDeniedException',
  message: `records may not ${action} on ${arn}: no statement of its role allows it. Grant it in the function's construct.`,
  $metadata: { httpStatusCode: 400 },
});

describe('putTable', () => {
  it('makes a table that is usable at once, with its indexes', async () => {
    await server.putTable(documents);
    const { Table } = await operator.send(new DescribeTableCommand({ TableName: 'Documents' }));
    expect(Table).toMatchObject({
      TableArn: tableArn('Documents'),
      TableStatus: 'ACTIVE',
      GlobalSecondaryIndexes: [{ IndexName: 'byTenant', IndexStatus: 'ACTIVE' }],
    });
  });

  it('leaves a table that is as wanted, items included', async () => {
    await server.putTable(documents);
    await operator.send(new PutItemCommand({ TableName: 'Documents', Item: head('a') }));
    await server.putTable(documents);
    await server.putTable({ ...documents, globalSecondaryIndexes: [] });
    expect(await operator.send(new GetItemCommand({ TableName: 'Documents', Key: head('a') }))).toMatchObject({
      Item: head('a'),
    });
  });

  it('refuses a table with another key, or without an index, naming both', async () => {
    await server.putTable(jobs);
    const otherKey: TableSpec = { ...jobs, attributeDefinitions: [{ AttributeName: 'jobId', AttributeType: 'N' }] };
    await expect(server.putTable(otherKey)).rejects.toThrow(
      'The table Jobs exists with the key jobId (HASH, S), not jobId (HASH, N): start clean with --reset.',
    );
    const KeySchema = [{ AttributeName: 'jobId', KeyType: 'HASH' } as const];
    const index = { IndexName: 'byJob', KeySchema, Projection: { ProjectionType: 'ALL' } } as const;
    await expect(server.putTable({ ...jobs, globalSecondaryIndexes: [index] })).rejects.toThrow(
      'The table Jobs exists with for the index byJob nothing, not jobId (HASH, S), ALL',
    );
  });

  it('passes on what dynalite finds wrong', async () => {
    await expect(server.putTable({ ...jobs, name: 'J' })).rejects.toThrow('at least 3 characters long');
  });

  it('lets a table be deleted, absent or not', async () => {
    await server.putTable(jobs);
    await server.deleteTable('Jobs');
    await server.deleteTable('Jobs');
    expect(await operator.send(new ListTablesCommand())).toMatchObject({ TableNames: [] });
    await server.putTable(jobs);
  });
});

describe('an SDK client', () => {
  it('writes conditionally, reads, queries an index and batches', async () => {
    await Promise.all([server.putTable(documents), server.putTable(jobs)]);
    const client = DynamoDBDocumentClient.from(operator);
    const item = { documentId: 'a', version: 0, tenant: 'acme', title: 'Ünïcode 🦄', hidden: [1, { deep: true }] };
    const put = new PutCommand({
      TableName: 'Documents',
      Item: item,
      ConditionExpression: 'attribute_not_exists(version)',
    });
    await client.send(put);
    await expect(client.send(put)).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(
      (await client.send(new GetCommand({ TableName: 'Documents', Key: { documentId: 'a', version: 0 } }))).Item,
    ).toEqual(item);

    const KeyConditionExpression = 'tenant = :tenant';
    const ExpressionAttributeValues = { ':tenant': { S: 'acme' } };
    const onIndex = {
      TableName: 'Documents',
      IndexName: 'byTenant',
      KeyConditionExpression,
      ExpressionAttributeValues,
    };
    expect((await operator.send(new QueryCommand(onIndex))).Items).toEqual([
      { ...head('a'), tenant: { S: 'acme' }, title: { S: 'Ünïcode 🦄' } },
    ]);

    const Put = { PutRequest: { Item: { jobId: { S: 'j' } } } };
    await operator.send(new BatchWriteItemCommand({ RequestItems: { Jobs: [Put] } }));
    const RequestItems = { Jobs: { Keys: [{ jobId: { S: 'j' } }] }, Documents: { Keys: [head('a')] } };
    const { Responses } = await operator.send(new BatchGetItemCommand({ RequestItems }));
    expect([Responses?.Jobs?.length, Responses?.Documents?.length]).toEqual([1, 1]);
  });

  it('takes many calls at once', async () => {
    await server.putTable(jobs);
    const puts = Array.from({ length: 200 }, (_, index) =>
      operator.send(new PutItemCommand({ TableName: 'Jobs', Item: { jobId: { S: `${index}` } } })),
    );
    await Promise.all(puts);
    expect((await operator.send(new ScanCommand({ TableName: 'Jobs', Select: 'COUNT' }))).Count).toBe(200);
  });

  it('takes items of the greatest size, and no greater', async () => {
    await server.putTable(jobs);
    const put = (bytes: number) =>
      operator.send(
        new PutItemCommand({ TableName: 'Jobs', Item: { jobId: { S: 'j' }, text: { S: 'x'.repeat(bytes) } } }),
      );
    await put(400 * 1024 - 10);
    await expect(put(400 * 1024)).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('manages tables as the operator', async () => {
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' } as const];
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' } as const];
    await operator.send(
      new CreateTableCommand({ TableName: 'Own', KeySchema, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' }),
    );
    expect((await operator.send(new ListTablesCommand())).TableNames).toEqual(['Own']);
    await operator.send(new DeleteTableCommand({ TableName: 'Own' }));
  });

  it.each([
    [
      'TransactWriteItems',
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'Jobs', Item: {} } }] }),
    ],
    [
      'UpdateTimeToLive',
      new UpdateTimeToLiveCommand({
        TableName: 'Jobs',
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      }),
    ],
  ])('is told that there is no %s', async (name, command) => {
    // A union of commands matches no single overload of send.
    await expect(operator.send(command as TransactWriteItemsCommand)).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: `The local DynamoDB (dynalite) has no ${name}.`,
    });
  });
});

describe('a function', () => {
  beforeEach(async () => {
    await Promise.all([server.putTable(documents), server.putTable(jobs)]);
  });

  it('may do what its role says on the table that it says', async () => {
    const client = functionClient(['dynamodb:PutItem'], [tableArn('Jobs')]);
    await client.send(new PutItemCommand({ TableName: 'Jobs', Item: { jobId: { S: 'j' } } }));
    await expect(client.send(new PutItemCommand({ TableName: 'Documents', Item: head('a') }))).rejects.toMatchObject(
      denied('dynamodb:PutItem', tableArn('Documents')),
    );
    await expect(
      client.send(new UpdateItemCommand({ TableName: 'Jobs', Key: { jobId: { S: 'j' } } })),
    ).rejects.toMatchObject(denied('dynamodb:UpdateItem', tableArn('Jobs')));
    expect((await operator.send(new ScanCommand({ TableName: 'Documents' }))).Count).toBe(0);
  });

  it('needs the index for a query on it', async () => {
    const query = new QueryCommand({
      TableName: 'Documents',
      IndexName: 'byTenant',
      KeyConditionExpression: 'tenant = :tenant',
      ExpressionAttributeValues: { ':tenant': { S: 'acme' } },
    });
    await expect(functionClient(['dynamodb:Query'], [tableArn('Documents')]).send(query)).rejects.toMatchObject(
      denied('dynamodb:Query', `${tableArn('Documents')}/index/byTenant`),
    );
    await functionClient(['dynamodb:Query'], [`${tableArn('Documents')}/index/*`]).send(query);
  });

  it('needs every table of a batch', async () => {
    const client = functionClient(['dynamodb:BatchGetItem', 'dynamodb:BatchWriteItem'], [tableArn('Jobs')]);
    const RequestItems = { Jobs: { Keys: [{ jobId: { S: 'j' } }] }, Documents: { Keys: [head('a')] } };
    await expect(client.send(new BatchGetItemCommand({ RequestItems }))).rejects.toMatchObject(
      denied('dynamodb:BatchGetItem', tableArn('Documents')),
    );
    const deletion = { DeleteRequest: { Key: head('a') } };
    await expect(
      client.send(new BatchWriteItemCommand({ RequestItems: { Documents: [deletion] } })),
    ).rejects.toMatchObject(denied('dynamodb:BatchWriteItem', tableArn('Documents')));
  });

  it('may not list tables that it may not list', async () => {
    await expect(functionClient(['dynamodb:GetItem'], ['*']).send(new ListTablesCommand())).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});

describe('a table on disk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'dynamodb-'));
    await stop();
    await start(directory);
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('is there after a restart', async () => {
    await server.putTable(documents);
    await operator.send(new PutItemCommand({ TableName: 'Documents', Item: head('a') }));
    await stop();
    await start(directory);
    await server.putTable(documents);
    expect((await operator.send(new ScanCommand({ TableName: 'Documents' }))).Items).toEqual([head('a')]);
  });

  it('that cannot be opened fails each call with what to do, and closes', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'no tables');
    const broken = createDynamoDb({ iam, region, directory: file });
    const message = `The tables in ${file} cannot be opened: start clean with --reset, or choose another folder with --state.`;
    await expect(broken.putTable(jobs)).rejects.toThrow(message);
    await expect(broken.putTable(jobs)).rejects.toThrow(message);
    await broken.close();
  });
});

describe('its sockets', () => {
  const own = mkdtempSync(join(tmpdir(), 'groundwork-sockets-'));
  beforeEach(() => vi.stubEnv('TMPDIR', own));
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(own, { recursive: true, force: true });
  });

  it('are gone when it is closed', async () => {
    const other = createDynamoDb({ iam, region });
    await other.putTable(jobs);
    expect(readdirSync(own)).toHaveLength(1);
    await other.close();
    expect(readdirSync(own)).toEqual([]);
  });
});
