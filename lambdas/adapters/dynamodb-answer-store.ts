import * as z from 'zod';
import type { AnswerStore, CachedReply } from '../ports.ts';
import type { DynamodbClient } from './dynamodb-client.ts';

export interface AnswerStoreOptions {
  readonly keepMinutes: number;
  /** @default the system's */
  readonly clock?: () => Date;
}

/** Questions that are compared with one that comes, newest first. */
const MOST_REPLIES = 20;

const replyItem = z.object({
  replyId: z.string(),
  question: z.string(),
  /** Values of 32 bits, little-endian: a quarter of what they take as text. */
  embedding: z.instanceof(Uint8Array).transform(toNumbers),
  passages: z.array(z.string()),
  text: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  expiresAt: z.number(),
});

/** Replies in the Answers table, one partition for each key. They may be read some moments late. */
export function dynamodbAnswerStore(
  client: DynamodbClient,
  tableName: string,
  { keepMinutes, clock = () => new Date() }: AnswerStoreOptions,
): AnswerStore {
  return {
    async find(key) {
      const { Items = [] } = await client.query({
        TableName: tableName,
        KeyConditionExpression: 'answerKey = :key',
        ExpressionAttributeValues: { ':key': key },
        ScanIndexForward: false,
        Limit: MOST_REPLIES,
      });
      const replies = Items.map(item => replyItem.parse(item));
      // DynamoDB removes expired items up to days late.
      const alive = replies.filter(({ expiresAt }) => expiresAt * 1_000 > clock().getTime());
      return alive.map(({ expiresAt: _, ...reply }): CachedReply => reply);
    },

    async put(key, reply) {
      const embedding = new Uint8Array(Float32Array.from(reply.embedding).buffer);
      const expiresAt = Math.floor(clock().getTime() / 1_000) + keepMinutes * 60;
      const Item = { ...reply, answerKey: key, embedding, expiresAt };
      await client.put({ TableName: tableName, Item });
    },
  };
}

function toNumbers(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(index * 4, true));
}
