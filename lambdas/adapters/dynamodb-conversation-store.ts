import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  PutCommand,
  paginateQuery,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Conversation, Reader, Turn } from '../conversation.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppFailure } from '../errors.ts';
import type { ConversationStore } from '../ports.ts';
import {
  isAliveFor,
  META,
  ownerOf,
  parseMeta,
  parseTurn,
  TURN_PREFIX,
  titleOf,
  toTurnItem,
} from './conversation-items.ts';
import { DynamodbTable, type Item } from './dynamodb-table.ts';

export interface ConversationOptions {
  /** Days after which a turn is forgotten, and a conversation after its last turn. @default 90 */
  readonly keepDays?: number;
  /** @default the machine's */
  readonly clock?: () => Date;
}

const INDEX = 'owner-updatedAt';
const SECONDS_PER_DAY = 86_400;

const turnCursor = z.strictObject({ turnKey: z.string().startsWith(TURN_PREFIX) });
const listCursor = z.strictObject({ conversationId: z.string().min(1), updatedAt: z.string().min(1) });

/** Conversations in DynamoDB. Nobody's turn gets into another's conversation: the write of `META` asks whose it is. */
export function dynamodbConversationStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  { keepDays = 90, clock = () => new Date() }: ConversationOptions = {},
): ConversationStore {
  const table = new DynamodbTable(client, tableName);
  const reads = new ConversationReads(client, tableName, clock);

  /** @throws AppFailure conversation-not-found */
  async function readMeta(conversationId: string, reader: Reader): Promise<Conversation> {
    const item = await table.get({ conversationId, sk: META });
    const meta = item && parseMeta(item);
    if (!meta || !isAliveFor(reader, meta, clock())) throw notFound(conversationId);
    return meta.conversation;
  }

  return {
    async recentTurns(conversationId, reader, limit) {
      const { turns } = await reads.turns(conversationId, reader, { limit, newestFirst: true });
      if (turns.length === 0) throw notFound(conversationId);
      return turns.toReversed();
    },

    async append(turn, reader) {
      const now = clock();
      const expiresAt = Math.floor(now.getTime() / 1_000) + keepDays * SECONDS_PER_DAY;
      // First what can be refused. A crash between the two writes leaves a count that is one too high, no more.
      await writeMeta(client, tableName, turn, { reader, expiresAt, now: now.toISOString() });
      await client.send(new PutCommand({ TableName: tableName, Item: toTurnItem(turn, reader, expiresAt) }));
    },

    list: (reader, options) => reads.conversations(reader, options),

    async get(conversationId, reader, { limit, cursor }) {
      const after = cursor === undefined ? undefined : decodeCursor(turnCursor, cursor).turnKey;
      const [conversation, page] = await Promise.all([
        readMeta(conversationId, reader),
        reads.turns(conversationId, reader, { limit, after }),
      ]);
      return { conversation, turns: page.turns, ...(page.last && { cursor: encodeCursor({ turnKey: page.last }) }) };
    },

    async remove(conversationId, reader) {
      await readMeta(conversationId, reader);
      const pages = paginateQuery(
        { client },
        { TableName: tableName, ...turnsOf(conversationId), ProjectionExpression: 'conversationId, sk' },
      );
      for await (const { Items = [] } of pages) {
        await table.writeAll(Items.map(Key => ({ DeleteRequest: { Key } })));
      }
      // Last, so that a removal that broke off can be repeated.
      await client.send(new DeleteCommand({ TableName: tableName, Key: { conversationId, sk: META } }));
    },
  };
}

/** Queries whose rows are checked one by one: whose they are, and whether they have expired. */
class ConversationReads {
  readonly #client: DynamoDBDocumentClient;
  readonly #tableName: string;
  readonly #clock: () => Date;

  constructor(client: DynamoDBDocumentClient, tableName: string, clock: () => Date) {
    this.#client = client;
    this.#tableName = tableName;
    this.#clock = clock;
  }

  /** @returns `last`: the key of the last turn read, when there may be more */
  async turns(
    conversationId: string,
    reader: Reader,
    { limit, newestFirst = false, after }: { limit: number; newestFirst?: boolean; after?: string | undefined },
  ): Promise<{ turns: Turn[]; last?: string }> {
    const { Items = [], LastEvaluatedKey } = await this.#client.send(
      new QueryCommand({
        TableName: this.#tableName,
        ...turnsOf(conversationId),
        // A follow-up may come right after its answer.
        ConsistentRead: true,
        ScanIndexForward: !newestFirst,
        Limit: limit,
        ...(after !== undefined && { ExclusiveStartKey: { conversationId, sk: after } }),
      }),
    );
    const turns = Items.map(parseTurn).filter(item => isAliveFor(reader, item, this.#clock()));
    const last: unknown = LastEvaluatedKey?.sk;
    return { turns: turns.map(({ turn }) => turn), ...(typeof last === 'string' && { last }) };
  }

  async conversations(
    reader: Reader,
    { limit, cursor }: { limit: number; cursor?: string },
  ): Promise<{ conversations: Conversation[]; cursor?: string }> {
    const owner = ownerOf(reader);
    let startKey: Item | undefined =
      cursor === undefined ? undefined : { owner, sk: META, ...decodeCursor(listCursor, cursor) };
    const conversations: Conversation[] = [];
    do {
      const page = await this.#client.send(
        new QueryCommand({
          TableName: this.#tableName,
          IndexName: INDEX,
          KeyConditionExpression: '#owner = :owner',
          ExpressionAttributeNames: { '#owner': 'owner' },
          ExpressionAttributeValues: { ':owner': owner },
          ScanIndexForward: false,
          Limit: limit - conversations.length,
          ...(startKey && { ExclusiveStartKey: startKey }),
        }),
      );
      const alive = (page.Items ?? []).map(parseMeta).filter(item => isAliveFor(reader, item, this.#clock()));
      conversations.push(...alive.map(({ conversation }) => conversation));
      startKey = page.LastEvaluatedKey;
    } while (startKey && conversations.length < limit);
    if (!startKey) return { conversations };
    const { conversationId, updatedAt } = startKey;
    return { conversations, cursor: encodeCursor({ conversationId, updatedAt }) };
  }
}

const turnsOf = (conversationId: string) => ({
  KeyConditionExpression: 'conversationId = :id AND begins_with(sk, :turn)',
  ExpressionAttributeValues: { ':id': conversationId, ':turn': TURN_PREFIX },
});

/** Creates the conversation, or counts one more turn of it. @throws AppFailure conversation-not-found for another's */
async function writeMeta(
  client: DynamoDBDocumentClient,
  tableName: string,
  { conversationId, question }: Turn,
  { reader, expiresAt, now }: { reader: Reader; expiresAt: number; now: string },
): Promise<void> {
  const update = new UpdateCommand({
    TableName: tableName,
    Key: { conversationId, sk: META },
    UpdateExpression: `SET #owner = :owner, tenant = :tenant, userId = :userId, title = if_not_exists(title, :title),
      createdAt = if_not_exists(createdAt, :now), updatedAt = :now, expiresAt = :expiresAt ADD turnCount :one`,
    ConditionExpression: 'attribute_not_exists(conversationId) OR #owner = :owner',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: {
      ':owner': ownerOf(reader),
      ':tenant': reader.tenant,
      ':userId': reader.userId,
      ':title': titleOf(question),
      ':now': now,
      ':expiresAt': expiresAt,
      ':one': 1,
    },
  });
  try {
    await client.send(update);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    throw notFound(conversationId, error);
  }
}

const notFound = (conversationId: string, cause?: unknown): AppFailure =>
  new AppFailure({ kind: 'conversation-not-found', conversationId }, { cause });
