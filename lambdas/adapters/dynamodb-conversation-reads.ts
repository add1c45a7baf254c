import type { QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Conversation, Reader, Turn } from '../conversation.ts';
import { newestOf, pathTo, type TurnLink } from '../conversation-tree.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import {
  isAliveFor,
  LINK_ATTRIBUTES,
  META,
  ownerOf,
  parseLink,
  parseMeta,
  parseTurn,
  TURN_PREFIX,
} from './conversation-items.ts';
import type { DynamodbClient } from './dynamodb-client.ts';
import type { Item } from './dynamodb-table.ts';

const INDEX = 'owner-updatedAt';
/** The least text above every turn's key. */
const ABOVE_ALL_TURNS = 'TURN$';

const listCursor = z.strictObject({ conversationId: z.string().min(1), updatedAt: z.string().min(1) });

/** Queries whose rows are checked one by one: whose they are, and whether they have expired. */
export class ConversationReads {
  readonly #client: DynamodbClient;
  readonly #tableName: string;
  readonly #clock: () => Date;

  constructor(client: DynamodbClient, tableName: string, clock: () => Date) {
    this.#client = client;
    this.#tableName = tableName;
    this.#clock = clock;
  }

  /** @returns turns of all branches, oldest first; `last`: the key of the last turn read, when there may be more */
  async turns(
    conversationId: string,
    reader: Reader,
    { limit, after }: { limit: number; after?: string | undefined },
  ): Promise<{ turns: Turn[]; last?: string }> {
    const { items, next } = await this.#page(turnsOf(conversationId), {
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: { conversationId, sk: after } }),
    });
    const last: unknown = next?.sk;
    return { turns: this.#alive(reader, items), ...(typeof last === 'string' && { last }) };
  }

  /**
   * The end of the path to `tip`, or to the newest turn, oldest first. Ids sort by time and a parent's sorts before its
   * children's, so walking back from the tip meets the whole path; other branches on the way are passed over.
   * @returns no turns when the reader has no such turn
   */
  async path(
    conversationId: string,
    reader: Reader,
    { limit, tip }: { limit: number; tip?: string | undefined },
  ): Promise<Turn[]> {
    const path: Turn[] = [];
    let wanted = tip;
    for await (const items of this.#pagesBack(conversationId, { limit, tip })) {
      for (const turn of this.#alive(reader, items)) {
        if (wanted !== undefined && turn.turnId !== wanted) continue;
        path.unshift(turn);
        wanted = turn.parentTurnId;
        if (wanted === undefined || path.length === limit) return path;
      }
      if (tip !== undefined && path.length === 0) return []; // it would have been the first
    }
    return path;
  }

  /** The ids of the path to the newest turn, first turn first. */
  async newestPath(conversationId: string, reader: Reader): Promise<string[]> {
    const links: TurnLink[] = [];
    const attributes = LINK_ATTRIBUTES.map(name => [`#${name}`, name] as const);
    let start: Item | undefined;
    do {
      const { items, next } = await this.#page(turnsOf(conversationId), {
        ProjectionExpression: attributes.map(([alias]) => alias).join(', '),
        ExpressionAttributeNames: Object.fromEntries(attributes),
        ...(start && { ExclusiveStartKey: start }),
      });
      links.push(...items.map(parseLink).filter(link => isAliveFor(reader, link, this.#clock())));
      start = next;
    } while (start);
    return pathTo(links, newestOf(links)?.turnId).map(({ turnId }) => turnId);
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
      const page = await this.#client.query({
        TableName: this.#tableName,
        IndexName: INDEX,
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': owner },
        ScanIndexForward: false,
        Limit: limit - conversations.length,
        ...(startKey && { ExclusiveStartKey: startKey }),
      });
      const alive = (page.Items ?? []).map(parseMeta).filter(item => isAliveFor(reader, item, this.#clock()));
      conversations.push(...alive.map(({ conversation }) => conversation));
      startKey = page.LastEvaluatedKey;
    } while (startKey && conversations.length < limit);
    if (!startKey) return { conversations };
    const { conversationId, updatedAt } = startKey;
    return { conversations, cursor: encodeCursor({ conversationId, updatedAt }) };
  }

  /** Pages of items from `tip`, or from the newest turn, back to the first turn. */
  async *#pagesBack(
    conversationId: string,
    { limit, tip }: { limit: number; tip?: string | undefined },
  ): AsyncGenerator<Item[]> {
    let start: Item | undefined;
    do {
      const { items, next } = await this.#page(turnsOf(conversationId, tip), {
        ScanIndexForward: false,
        Limit: limit,
        ...(start && { ExclusiveStartKey: start }),
      });
      yield items;
      start = next;
    } while (start);
  }

  async #page(
    keys: Partial<QueryCommandInput>,
    options: Partial<QueryCommandInput>,
  ): Promise<{ items: Item[]; next?: Item }> {
    // Consistent, since a follow-up may come right after its answer.
    const input = { TableName: this.#tableName, ConsistentRead: true, ...keys, ...options };
    const { Items = [], LastEvaluatedKey } = await this.#client.query(input);
    return { items: Items, ...(LastEvaluatedKey && { next: LastEvaluatedKey }) };
  }

  #alive(reader: Reader, items: readonly Item[]): Turn[] {
    const now = this.#clock();
    return items
      .map(parseTurn)
      .filter(item => isAliveFor(reader, item, now))
      .map(({ turn }) => turn);
  }
}

/** @param newest the last turn to read; @default all */
export const turnsOf = (conversationId: string, newest?: string) => ({
  KeyConditionExpression: 'conversationId = :id AND sk BETWEEN :first AND :last',
  ExpressionAttributeValues: {
    ':id': conversationId,
    ':first': TURN_PREFIX,
    ':last': newest === undefined ? ABOVE_ALL_TURNS : `${TURN_PREFIX}${newest}`,
  },
});
