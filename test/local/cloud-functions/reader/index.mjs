import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';

const dynamo = new DynamoDBClient();
const TableName = process.env.TABLE;

/** GET: a record with this function's environment. PUT: what its role does not allow. */
export async function handler({ httpMethod, pathParameters }) {
  const id = { S: pathParameters.id };
  if (httpMethod === 'PUT')
    return reply(await dynamo.send(new PutItemCommand({ TableName, Item: { id } })).catch(asError));
  const { Item } = await dynamo.send(new GetItemCommand({ TableName, Key: { id } }));
  const { GREETING: greeting, REST_URL: restUrl, QUEUE_URL: queueUrl } = process.env;
  return reply({ event: Item?.event.S ?? null, greeting, restUrl, queueUrl }, Item ? 200 : 404);
}

const asError = ({ name, message }) => ({ name, message });
const reply = (body, statusCode = 200) => ({ statusCode, body: JSON.stringify(body) });
