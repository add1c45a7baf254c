import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';

const dynamo = new DynamoDBClient();

/** A custom resource: notes each request in the table, and fails when its properties ask for it. */
export async function handler(event) {
  const {
    RequestType,
    ResourceProperties,
    ResponseURL,
    PhysicalResourceId = `greeting-${event.LogicalResourceId}`,
  } = event;
  await dynamo.send(new PutItemCommand({ TableName: process.env.TABLE, Item: noteOf(event) }));
  const failed = ResourceProperties.Fail === 'true';
  const answer = {
    Status: failed ? 'FAILED' : 'SUCCESS',
    Reason: failed ? 'asked to fail' : undefined,
    PhysicalResourceId,
    Data: { Greeting: `${ResourceProperties.Word} ${RequestType}` },
  };
  await fetch(ResponseURL, { method: 'PUT', body: JSON.stringify(answer) });
}

const noteOf = ({ RequestType, RequestId, ResourceProperties, OldResourceProperties = {} }) => ({
  id: { S: `request-${RequestId}` },
  event: { S: `${RequestType} ${OldResourceProperties.Word ?? ''}>${ResourceProperties.Word}` },
  loudness: { S: typeof ResourceProperties.Loudness },
});
