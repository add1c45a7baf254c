import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  BatchWriteCommandInput,
  BatchWriteCommandOutput,
  DeleteCommandInput,
  GetCommandInput,
  GetCommandOutput,
  PutCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  UpdateCommandInput,
  UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { AwsClient, type AwsClientOptions, readJson } from './aws/client.ts';
import { fromItem, toItem } from './aws/dynamodb-values.ts';

/** DynamoDB in plain objects: fields that are undefined are not stored. Inputs and replies are those of the API. */
export interface DynamodbClient {
  get(input: GetCommandInput): Promise<Pick<GetCommandOutput, 'Item'>>;
  put(input: PutCommandInput): Promise<void>;
  update(input: UpdateCommandInput): Promise<Pick<UpdateCommandOutput, 'Attributes'>>;
  delete(input: DeleteCommandInput): Promise<void>;
  query(input: QueryCommandInput): Promise<Omit<QueryCommandOutput, '$metadata'>>;
  scan(input: ScanCommandInput): Promise<Omit<ScanCommandOutput, '$metadata'>>;
  batchGet(input: BatchGetCommandInput): Promise<Pick<BatchGetCommandOutput, 'Responses' | 'UnprocessedKeys'>>;
  batchWrite(input: BatchWriteCommandInput): Promise<Pick<BatchWriteCommandOutput, 'UnprocessedItems'>>;
}

const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** DynamoDB is throttled for milliseconds at a time; a wait of a second at once would be too long. */
const waitMs = (attempt: number): number =>
  Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));

/** What holds items or keys, by the names of the API; the rest is passed on as it is. */
type Fields = Readonly<Record<string, unknown>>;

export function dynamodbDocumentClient(options: AwsClientOptions = {}): DynamodbClient {
  const service = { host: 'dynamodb', signingName: 'dynamodb' };
  const client = new AwsClient(service, { maxAttempts: MAX_ATTEMPTS, waitMs, ...options });
  const call = async (operation: string, input: Fields): Promise<Fields> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const reply = await client.send({ headers, body: JSON.stringify(toWire(input)) }, readJson);
    return fromWire(reply as Fields); // the form of each reply is the API's
  };
  return {
    get: input => call('GetItem', { ...input }),
    put: input => call('PutItem', { ...input }).then(() => undefined),
    update: input => call('UpdateItem', { ...input }),
    delete: input => call('DeleteItem', { ...input }).then(() => undefined),
    query: input => call('Query', { ...input }),
    scan: input => call('Scan', { ...input }),
    batchGet: input => call('BatchGetItem', { ...input }),
    batchWrite: input => call('BatchWriteItem', { ...input }),
  };
}

/** Every page of a query. */
export async function* queryPages(client: DynamodbClient, input: QueryCommandInput) {
  let start: QueryCommandInput['ExclusiveStartKey'];
  do {
    const page = await client.query({ ...input, ...(start && { ExclusiveStartKey: start }) });
    yield page;
    start = page.LastEvaluatedKey;
  } while (start);
}

const mapValues = (fields: unknown, change: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields as object).map(([name, value]) => [name, change(value)])); // a map of tables

type Change = (value: unknown) => unknown;

/** Reads and changes what of a table's part in a batch are items or keys. */
const changeBatch =
  (change: Change): Change =>
  part =>
    Array.isArray(part)
      ? part.map(request => mapValues(request, write => mapValues(write, change))) // { PutRequest: { Item } }
      : { ...(part as Fields), Keys: ((part as Fields).Keys as unknown[]).map(change) }; // { Keys, ConsistentRead }

const IN: Readonly<Record<string, Change>> = {
  Key: value => toItem(value as object),
  Item: value => toItem(value as object),
  ExpressionAttributeValues: value => toItem(value as object),
  ExclusiveStartKey: value => toItem(value as object),
  RequestItems: value =>
    mapValues(
      value,
      changeBatch(item => toItem(item as object)),
    ),
};

const OUT: Readonly<Record<string, Change>> = {
  Item: fromItem,
  Attributes: fromItem,
  LastEvaluatedKey: fromItem,
  Items: value => (value as unknown[]).map(fromItem),
  Responses: value => mapValues(value, items => (items as unknown[]).map(fromItem)),
  UnprocessedKeys: value => mapValues(value, changeBatch(fromItem)),
  UnprocessedItems: value => mapValues(value, changeBatch(fromItem)),
};

const changed = (fields: Fields, changes: Readonly<Record<string, Change>>): Fields =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, changes[name]?.(value) ?? value]),
  );
const toWire = (input: Fields): Fields => changed(input, IN);
const fromWire = (reply: Fields): Fields => changed(reply, OUT);
