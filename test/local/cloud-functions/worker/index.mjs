import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const dynamo = new DynamoDBClient();

/** Records each object that S3 tells of; fails for keys that say so. */
export async function handler({ Records: messages }) {
  const batchItemFailures = [];
  for (const { messageId, body } of messages) {
    for (const record of JSON.parse(body).Records ?? []) {
      const key = decodeURIComponent(record.s3.object.key.replaceAll('+', ' '));
      if (key.includes('bad')) batchItemFailures.push({ itemIdentifier: messageId });
      else await put(key, record.eventName);
    }
  }
  return { batchItemFailures };
}

function put(key, event) {
  const Item = { id: { S: key }, event: { S: event } };
  return dynamo.send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
}
