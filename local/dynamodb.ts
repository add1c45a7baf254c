/** DynamoDB: dynalite behind the gateway, each call judged by the caller's role before dynalite sees it. */
import { ACCOUNT_ID, AccessDenied, type Exchange, type Handler, type Iam, type Log, PARTITION } from './contracts.ts';
import { type Dynalite, startDynalite } from './dynalite.ts';
import { JSON_1_0, jsonError } from './wire.ts';

export interface DynamoDbOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  /** Where tables are kept; in memory when absent. */
  readonly directory?: string;
  readonly region: string;
  readonly log?: Log;
}
interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}
/** In the words of CloudFormation and of the SDK. */
export interface TableSpec {
  /** 3 to 255 characters */
  readonly name: string;
  readonly keySchema: readonly KeyElement[];
  readonly attributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: 'S' | 'N' | 'B' }[];
  readonly globalSecondaryIndexes?: readonly IndexSpec[];
}
interface IndexSpec {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: {
    readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
    readonly NonKeyAttributes?: readonly string[];
  };
}
export interface DynamoDbServer {
  readonly handler: Handler;
  /**
   * Creates the table when absent, and resolves once it is ACTIVE.
   * @throws Error when a table of that name has other keys, or lacks an index: dynalite changes neither
   */
  putTable(spec: TableSpec): Promise<void>;
  /** Deleting an absent table is no error. */
  deleteTable(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A batch may hold 16 MB in its items' own measure; JSON takes more. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const ACTIVE_WITHIN_MS = 10_000;
const POLL_MS = 5;

/** Operations of dynalite, by where they name their table. */
const ON_TABLE = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'CreateTable', 'DeleteTable', 'DescribeTable'];
const ON_TABLE_TOO = ['UpdateTable', 'DescribeTimeToLive'];
const ON_TABLE_OR_INDEX = ['Query', 'Scan'];
const ON_MANY_TABLES = ['BatchGetItem', 'BatchWriteItem'];
const ON_ARN = ['ListTagsOfResource', 'TagResource', 'UntagResource'];
const SUPPORTED = new Set([
  ...ON_TABLE,
  ...ON_TABLE_TOO,
  ...ON_TABLE_OR_INDEX,
  ...ON_MANY_TABLES,
  ...ON_ARN,
  'ListTables',
]);

/**
 * What dynalite lacks beside whole operations (transactions, streams, PartiQL): it ignores
 * `ReturnValuesOnConditionCheckFailure`, and never expires items by their time to live.
 */
export function createDynamoDb({ iam, directory, region, log }: DynamoDbOptions): DynamoDbServer {
  const dynalite = startDynalite({ directory, region, log });
  const arnPrefix = `arn:${PARTITION}:dynamodb:${region}:${ACCOUNT_ID}:`;

  async function handler(exchange: Exchange): Promise<void> {
    const { response, caller, headers } = exchange;
    const target = String(headers['x-amz-target'] ?? '');
    const operation = target.slice(target.indexOf('.') + 1);
    if (!SUPPORTED.has(operation)) {
      const message = `The local DynamoDB (dynalite) has no ${operation}.`;
      return jsonError(response, 400, 'com.amazon.coral.service#UnknownOperationException', message);
    }
    const body = await exchange.body(MAX_BODY_BYTES);
    try {
      for (const resource of resourcesOf(operation, body)) {
        iam.authorize(caller, `dynamodb:${operation}`, resource.startsWith('arn:') ? resource : arnPrefix + resource);
      }
    } catch (error) {
      if (!(error instanceof AccessDenied)) throw error;
      return jsonError(response, 400, 'com.amazon.coral.service#AccessDeniedException', error.message);
    }
    const reply = await dynalite.call(target, body);
    response.writeHead(reply.status, { ...reply.headers, 'content-type': JSON_1_0 });
    response.end(reply.body);
  }

  return {
    handler,
    putTable: spec => putTable(dynalite, spec),
    deleteTable: name => deleteTable(dynalite, name),
    close: () => dynalite.close(),
  };
}

/**
 * @returns what the call reads or writes, after `arn:…:account:`, or whole ARNs. A body that dynalite will refuse names
 *   every table: only who may use them all learns what is wrong with it.
 */
function resourcesOf(operation: string, body: Buffer): readonly string[] {
  if (operation === 'ListTables') return ['table/*'];
  const input = parse(body);
  if (ON_MANY_TABLES.includes(operation)) {
    const tables = Object.keys(isRecord(input.RequestItems) ? input.RequestItems : {});
    return tables.length === 0 ? ['table/*'] : tables.map(name => `table/${name}`);
  }
  if (ON_ARN.includes(operation)) return [typeof input.ResourceArn === 'string' ? input.ResourceArn : 'table/*'];
  const table = typeof input.TableName === 'string' ? `table/${input.TableName}` : 'table/*';
  const isOnIndex = ON_TABLE_OR_INDEX.includes(operation) && typeof input.IndexName === 'string';
  return [isOnIndex ? `${table}/index/${input.IndexName}` : table];
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const input: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(input) ? input : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

async function putTable(dynalite: Dynalite, spec: TableSpec): Promise<void> {
  const existing = await describeTable(dynalite, spec.name);
  if (existing) refuseOtherTable(spec, existing);
  else await createTable(dynalite, spec);
  await untilActive(dynalite, spec.name);
}

interface TableDescription {
  readonly TableStatus: string;
  readonly KeySchema: readonly KeyElement[];
  readonly AttributeDefinitions: TableSpec['attributeDefinitions'];
  readonly GlobalSecondaryIndexes?: readonly IndexSpec[];
}

async function createTable(dynalite: Dynalite, spec: TableSpec): Promise<void> {
  const reply = await dynalite.ask('CreateTable', {
    TableName: spec.name,
    KeySchema: spec.keySchema,
    AttributeDefinitions: spec.attributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(spec.globalSecondaryIndexes?.length ? { GlobalSecondaryIndexes: spec.globalSecondaryIndexes } : {}),
  });
  if (!reply.ok) throw new Error(`The table ${spec.name} could not be created: ${reply.type}: ${reply.message}`);
}

async function describeTable(dynalite: Dynalite, name: string): Promise<TableDescription | undefined> {
  const reply = await dynalite.ask('DescribeTable', { TableName: name });
  // The shape is dynalite's own.
  if (reply.ok) return reply.output.Table as TableDescription;
  if (reply.type === 'ResourceNotFoundException') return undefined;
  throw new Error(`The table ${name} could not be described: ${reply.type}: ${reply.message}`);
}

async function untilActive(dynalite: Dynalite, name: string): Promise<void> {
  const deadline = Date.now() + ACTIVE_WITHIN_MS;
  while (Date.now() < deadline) {
    if ((await describeTable(dynalite, name))?.TableStatus === 'ACTIVE') return;
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The table ${name} did not become ACTIVE within ${ACTIVE_WITHIN_MS} ms: start clean with --reset.`);
}

function refuseOtherTable(spec: TableSpec, existing: TableDescription): void {
  const refuse = (what: string, found: string, wanted: string) => {
    throw new Error(`The table ${spec.name} exists with ${what} ${found}, not ${wanted}: start clean with --reset.`);
  };
  const [foundKey, wantedKey] = [
    keyText(existing.KeySchema, existing.AttributeDefinitions),
    keyText(spec.keySchema, spec.attributeDefinitions),
  ];
  if (foundKey !== wantedKey) refuse('the key', foundKey, wantedKey);
  for (const index of spec.globalSecondaryIndexes ?? []) {
    const found = existing.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.IndexName);
    const foundText = found ? indexText(found, existing.AttributeDefinitions) : 'nothing';
    const wantedText = indexText(index, spec.attributeDefinitions);
    if (foundText !== wantedText) refuse(`for the index ${index.IndexName}`, foundText, wantedText);
  }
}

/** e.g. `documentId (HASH, S), version (RANGE, N)` */
function keyText(keys: readonly KeyElement[], attributes: TableSpec['attributeDefinitions']): string {
  return keys
    .map(({ AttributeName: name, KeyType }) => {
      const attribute = attributes.find(({ AttributeName }) => AttributeName === name);
      return `${name} (${KeyType}, ${attribute?.AttributeType})`;
    })
    .join(', ');
}

function indexText({ KeySchema, Projection }: IndexSpec, attributes: TableSpec['attributeDefinitions']): string {
  const projected = [...(Projection.NonKeyAttributes ?? [])].sort();
  return [keyText(KeySchema, attributes), Projection.ProjectionType, ...projected].join(', ');
}

async function deleteTable(dynalite: Dynalite, name: string): Promise<void> {
  const reply = await dynalite.ask('DeleteTable', { TableName: name });
  if (reply.ok || reply.type === 'ResourceNotFoundException') return;
  throw new Error(`The table ${name} could not be deleted: ${reply.type}: ${reply.message}`);
}
