import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';

const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** DynamoDB is throttled for milliseconds at a time; the SDK by itself would wait for up to a second at once. */
const waitMs = (attempt: number): number =>
  Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));

/** A client that takes and gives plain objects; fields that are undefined are not stored. */
export function dynamodbDocumentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  const retryStrategy = new ConfiguredRetryStrategy(MAX_ATTEMPTS, waitMs);
  return DynamoDBDocumentClient.from(new DynamoDBClient({ retryStrategy, ...config }), {
    marshallOptions: { removeUndefinedValues: true },
  });
}
