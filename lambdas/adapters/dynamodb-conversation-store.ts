import * as z from 'zod';
import type { Conversation, Reader, Turn } from '../conversation.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppFailure } from '../errors.ts';
import type { ConversationStore } from '../ports.ts';
import { isAliveFor, META, ownerOf, parseMeta, TURN_PREFIX, titleOf, toTurnItem } from './conversation-items.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';
import { ConversationReads, turnsOf } from './dynamodb-conversation-reads.ts';
import { type Change, DynamodbTable } from './dynamodb-table.ts';

export interface ConversationOptions {
  /** Days after which a turn is forgotten, and a conversation after its last turn. @default 90 */
  readonly keepDays?: number;
  /** @default the machine's */
  readonly clock?: () => Date;
}

const SECONDS_PER_DAY = 86_400;

const turnCursor = z.strictObject({ turnKey: z.string().startsWith(TURN_PREFIX) });

/** Conversations in DynamoDB. Nobody's turn gets into another's conversation: the write of `META` asks whose it is. */
export function dynamodbConversationStore(
  client: DynamodbClient,
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

  /** Changes `META` or a turn of this reader that has not expired. @returns the item; undefined when there is none */
  const change = (conversationId: string, sk: string, reader: Reader, { when = '', ...values }: Partial<Change>) =>
    table.update(
      { conversationId, sk },
      {
        ...values,
        when: `#owner = :owner AND #expiresAt > :now${when}`,
        values: { ...values.values, owner: ownerOf(reader), now: clock().getTime() / 1_000 },
      },
    );

  /** First what can be refused. A crash between the two writes leaves a count that is one too high, no more. */
  async function store(turn: Turn, reader: Reader, when: string): Promise<void> {
    const now = clock();
    const expiresAt = Math.floor(now.getTime() / 1_000) + keepDays * SECONDS_PER_DAY;
    await writeMeta(client, tableName, turn, { reader, expiresAt, now: now.toISOString(), when });
    await client.put({ TableName: tableName, Item: toTurnItem(turn, reader, expiresAt) });
  }

  async function removeTurns(conversationId: string): Promise<void> {
    const keys = { ...turnsOf(conversationId), ProjectionExpression: 'conversationId, sk', ConsistentRead: true };
    for await (const { Items = [] } of queryPages(client, { TableName: tableName, ...keys })) {
      await table.writeAll(Items.map(Key => ({ DeleteRequest: { Key } })));
    }
  }

  return {
    async recentTurns(conversationId, reader, { limit, tip }) {
      const path = await reads.path(conversationId, reader, { limit, tip });
      if (path.length > 0) return path;
      if (tip === undefined) throw notFound(conversationId);
      await readMeta(conversationId, reader);
      throw noTurn(conversationId, tip);
    },

    // The client may repeat a write whose reply was lost, so an own one that exists is no surprise.
    begin: (turn, reader) => store(turn, reader, 'attribute_not_exists(conversationId) OR #owner = :owner'),
    append: (turn, reader) => store(turn, reader, '#owner = :owner'),

    list: (reader, options) => reads.conversations(reader, options),

    async get(conversationId, reader, { limit, cursor }) {
      const after = cursor === undefined ? undefined : decodeCursor(turnCursor, cursor).turnKey;
      const [conversation, page, newestPath] = await Promise.all([
        readMeta(conversationId, reader),
        reads.turns(conversationId, reader, { limit, after }),
        after === undefined ? reads.newestPath(conversationId, reader) : undefined,
      ]);
      return {
        conversation,
        turns: page.turns,
        ...(newestPath && { newestPath }),
        ...(page.last && { cursor: encodeCursor({ turnKey: page.last }) }),
      };
    },

    async rename(conversationId, reader, title) {
      const item = await change(conversationId, META, reader, { set: { title, titledBy: 'reader' } });
      if (!item) throw notFound(conversationId);
      return parseMeta(item).conversation;
    },

    async suggestTitle(conversationId, reader, title) {
      const set = { title, titledBy: 'model' };
      const still = { when: ' AND #titledBy = :question', values: { question: 'question' } };
      return (await change(conversationId, META, reader, { set, ...still })) !== undefined;
    },

    async setFeedback(conversationId, turnId, reader, feedback) {
      const turn = feedback ? { set: { feedback } } : { remove: ['feedback'] };
      if (await change(conversationId, `${TURN_PREFIX}${turnId}`, reader, turn)) return;
      await readMeta(conversationId, reader);
      throw noTurn(conversationId, turnId);
    },

    async setSummary(conversationId, turnId, reader, summary) {
      return (await change(conversationId, `${TURN_PREFIX}${turnId}`, reader, { set: { summary } })) !== undefined;
    },

    async remove(conversationId, reader) {
      await readMeta(conversationId, reader);
      await removeTurns(conversationId);
      // After the turns, so that a removal that broke off can be repeated. From here on no turn can be appended.
      await client.delete({ TableName: tableName, Key: { conversationId, sk: META } });
      await removeTurns(conversationId); // one that was appended meanwhile
    },
  };
}

interface MetaWrite {
  readonly reader: Reader;
  readonly expiresAt: number;
  readonly now: string;
  /** The condition of the write. */
  readonly when: string;
}

/** Creates the conversation, or counts one more turn of it. @throws AppFailure conversation-not-found for another's */
async function writeMeta(
  client: DynamodbClient,
  tableName: string,
  { conversationId, question }: Turn,
  { reader, expiresAt, now, when }: MetaWrite,
): Promise<void> {
  const update = {
    TableName: tableName,
    Key: { conversationId, sk: META },
    UpdateExpression: `SET #owner = :owner, tenant = :tenant, userId = :userId, title = if_not_exists(title, :title),
      titledBy = if_not_exists(titledBy, :question), createdAt = if_not_exists(createdAt, :now), updatedAt = :now, expiresAt = :expiresAt ADD turnCount :one`,
    ConditionExpression: when,
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: {
      ':owner': ownerOf(reader),
      ':tenant': reader.tenant,
      ':userId': reader.userId,
      ':title': titleOf(question),
      ':question': 'question',
      ':now': now,
      ':expiresAt': expiresAt,
      ':one': 1,
    },
  };
  try {
    await client.update(update);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    throw notFound(conversationId, error);
  }
}

const noTurn = (conversationId: string, turnId: string): AppFailure =>
  new AppFailure({ kind: 'turn-not-found', conversationId, turnId });

const notFound = (conversationId: string, cause?: unknown): AppFailure =>
  new AppFailure({ kind: 'conversation-not-found', conversationId }, { cause });
