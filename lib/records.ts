import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  TableEncryptionV2,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { GroundworkFunction } from './groundwork-function.ts';

export interface RecordsProps {
  /** @default retain */
  readonly onRemoval?: 'retain' | 'destroy';
}

const text = (name: string) => ({ name, type: AttributeType.STRING });
const number = (name: string) => ({ name, type: AttributeType.NUMBER });

/** An index named after its keys. */
const index = (partition: string, sort: string): GlobalSecondaryIndexPropsV2 => ({
  indexName: `${partition}-${sort}`,
  partitionKey: text(partition),
  sortKey: text(sort),
});

/** The tables, on demand, encrypted, with point-in-time recovery. Their logical ids must never change. */
export class Records extends Construct {
  /** A document's head (version 0) and its uploads. */
  readonly documents: TableV2;
  /** The text of every chunk. */
  readonly chunks: TableV2;
  /** Batch, incremental and reindex runs. */
  readonly jobs: TableV2;
  /** Conversations and their turns. */
  readonly conversations: TableV2;
  /** What keys, users and tenants spent, by month. */
  readonly quotas: TableV2;
  /** Replies kept for other questions. */
  readonly answers: TableV2;
  /** API keys, without their secrets. */
  readonly keys: TableV2;

  constructor(scope: Construct, id: string, { onRemoval = 'retain' }: RecordsProps) {
    super(scope, id);
    const table = (tableId: string, props: TablePropsV2) =>
      new TableV2(this, tableId, {
        billing: Billing.onDemand(),
        encryption: TableEncryptionV2.dynamoOwnedKey(),
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
        deletionProtection: onRemoval === 'retain',
        removalPolicy: onRemoval === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
        ...props,
      });
    this.documents = table('Documents', {
      partitionKey: text('documentId'),
      sortKey: number('version'),
      globalSecondaryIndexes: [index('tenant', 'updatedAt'), index('status', 'updatedAt')],
    });
    this.chunks = table('Chunks', { partitionKey: text('documentId'), sortKey: text('chunkKey') });
    this.jobs = table('Jobs', {
      partitionKey: text('jobId'),
      globalSecondaryIndexes: [index('status', 'startedAt')],
    });
    this.conversations = table('Conversations', {
      partitionKey: text('conversationId'),
      sortKey: text('sk'),
      globalSecondaryIndexes: [index('owner', 'updatedAt')],
      timeToLiveAttribute: 'expiresAt',
    });
    this.answers = table('Answers', {
      partitionKey: text('answerKey'),
      sortKey: text('replyId'),
      timeToLiveAttribute: 'expiresAt',
    });
    this.keys = table('Keys', {
      partitionKey: text('keyId'),
      globalSecondaryIndexes: [index('tenant', 'createdAt')],
      timeToLiveAttribute: 'forgottenAt',
    });
    this.quotas = table('Quotas', {
      partitionKey: text('owner'),
      sortKey: text('month'),
      timeToLiveAttribute: 'expiresAt',
    });
  }
}

/** Grants exactly these DynamoDB operations on the table, e.g. `['GetItem', 'Query']`. */
export function allowOnTable(
  caller: GroundworkFunction<Record<string, string>>,
  table: TableV2,
  operations: readonly string[],
): void {
  caller.allow(
    operations.map(operation => `dynamodb:${operation}`),
    [table.tableArn],
  );
}
