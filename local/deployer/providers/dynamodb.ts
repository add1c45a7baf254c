import { z } from 'zod';
import { ACCOUNT_ID, PARTITION } from '../../contracts.ts';
import type { DynamoDbServer } from '../../dynamodb.ts';
import { defineProvider, type ResourceProvider } from '../resource.ts';

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }));
const tableProperties = z.object({
  TableName: z.string().min(3).optional(),
  KeySchema: keySchema,
  AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: z
    .array(
      z.object({
        IndexName: z.string(),
        KeySchema: keySchema,
        Projection: z.object({
          ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
          NonKeyAttributes: z.array(z.string()).optional(),
        }),
      }),
    )
    .default([]),
});

const handled = [
  ...['TableName', 'KeySchema', 'AttributeDefinitions', 'GlobalSecondaryIndexes.IndexName'],
  ...['GlobalSecondaryIndexes.KeySchema', 'GlobalSecondaryIndexes.Projection'],
];
/** Capacity, backups and encryption have no counterpart here; items are not removed when their time to live has passed. */
const recorded = [
  ...['BillingMode', 'SSESpecification', 'TimeToLiveSpecification', 'WriteOnDemandThroughputSettings'],
  ...['WriteProvisionedThroughputSettings'],
];
const recordedOfTables = [
  ...['DeletionProtectionEnabled', 'OnDemandThroughput', 'PointInTimeRecoverySpecification', 'ProvisionedThroughput'],
  ...['TableClass', 'Tags', 'GlobalSecondaryIndexes.ProvisionedThroughput'],
];

/** Tables, written as `Table` or, as CDK's TableV2 does, as `GlobalTable`: its one replica is here. */
export function dynamoDbProviders({
  dynamoDb,
  region,
}: {
  dynamoDb: DynamoDbServer;
  region: string;
}): ResourceProvider[] {
  const types = [
    { type: 'AWS::DynamoDB::GlobalTable', recorded: [...recorded, 'Replicas'] },
    { type: 'AWS::DynamoDB::Table', recorded: [...recorded, ...recordedOfTables] },
  ];
  return types.map(({ type, recorded }) =>
    defineProvider({
      type,
      properties: tableProperties,
      handled,
      recorded,
      async put(properties, { physicalName }) {
        const name = properties.TableName ?? physicalName({ maxLength: 255 });
        await dynamoDb.putTable({
          name,
          keySchema: properties.KeySchema,
          attributeDefinitions: properties.AttributeDefinitions,
          globalSecondaryIndexes: properties.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => {
            const { ProjectionType, NonKeyAttributes } = Projection;
            return {
              IndexName,
              KeySchema,
              Projection: { ProjectionType, ...(NonKeyAttributes && { NonKeyAttributes }) },
            };
          }),
        });
        const arn = `arn:${PARTITION}:dynamodb:${region}:${ACCOUNT_ID}:table/${name}`;
        return { physicalId: name, attributes: { Arn: arn } };
      },
      delete: (_, { physicalId }) => dynamoDb.deleteTable(physicalId),
    }),
  );
}
