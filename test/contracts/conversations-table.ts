import { CreateTableCommand, DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const keys = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
];
let tableCount = 0;

/** Makes an empty Conversations table. @returns its name */
export async function createConversations(client: DynamoDBClient): Promise<string> {
  tableCount += 1;
  const TableName = `conversations-${tableCount}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [text('conversationId'), text('sk'), text('owner'), text('updatedAt')],
      KeySchema: keys('conversationId', 'sk'),
      GlobalSecondaryIndexes: [
        { IndexName: 'owner-updatedAt', KeySchema: keys('owner', 'updatedAt'), Projection: { ProjectionType: 'ALL' } },
      ],
    }),
  );
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return TableName;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`${TableName} did not become active.`);
}
