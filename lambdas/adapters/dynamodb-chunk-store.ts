import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { ChunkStore } from '../ports.ts';
import { chunkKeyOf, chunkKeyPrefix, parseChunk, parseChunkKey } from './document-items.ts';
import { type DynamodbClient, queryPages } from './dynamodb-client.ts';
import { DynamodbTable, type Item } from './dynamodb-table.ts';

const scanCursor = z.strictObject({ documentId: z.string(), chunkKey: z.string() });

/** The text of every chunk, in the Chunks table. */
export function dynamodbChunkStore(client: DynamodbClient, tableName: string): ChunkStore {
  const table = new DynamodbTable(client, tableName);

  const removeFrom = async (documentId: string, version: number, index: number) => {
    const pages = queryPages(client, {
      TableName: tableName,
      ConsistentRead: true,
      ProjectionExpression: 'documentId, chunkKey',
      KeyConditionExpression: 'documentId = :id AND chunkKey BETWEEN :first AND :last',
      ExpressionAttributeValues: {
        ':id': documentId,
        ':first': chunkKeyOf(version, index),
        ':last': `${chunkKeyPrefix(version)}~`, // behind every digit
      },
    });
    for await (const page of pages) {
      await table.writeAll((page.Items ?? []).map(Key => ({ DeleteRequest: { Key } })));
    }
  };

  return {
    put: (documentId, version, chunks) =>
      table.writeAll(
        chunks.map(chunk => ({
          PutRequest: { Item: { ...chunk, documentId, version, chunkKey: chunkKeyOf(version, chunk.index) } },
        })),
      ),

    async range(documentId, version, from, to) {
      if (to <= from) return [];
      const pages = queryPages(client, {
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: 'documentId = :id AND chunkKey BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':id': documentId,
          ':first': chunkKeyOf(version, from),
          ':last': chunkKeyOf(version, to - 1),
        },
      });
      const items: Item[] = [];
      for await (const page of pages) items.push(...(page.Items ?? []));
      return items.map(parseChunk);
    },

    removeFrom,

    removeVersion: (documentId, version) => removeFrom(documentId, version, 0),

    async count(documentId, version) {
      const pages = queryPages(client, {
        TableName: tableName,
        ConsistentRead: true,
        Select: 'COUNT',
        KeyConditionExpression: 'documentId = :id AND begins_with(chunkKey, :version)',
        ExpressionAttributeValues: { ':id': documentId, ':version': chunkKeyPrefix(version) },
      });
      let sum = 0;
      for await (const { Count = 0 } of pages) sum += Count;
      return sum;
    },

    async newestVersion(documentId) {
      const { Items = [] } = await client.query({
        TableName: tableName,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: 1,
        ProjectionExpression: 'documentId, chunkKey',
        KeyConditionExpression: 'documentId = :id',
        ExpressionAttributeValues: { ':id': documentId },
      });
      return Items[0] ? parseChunkKey(Items[0]).version : 0;
    },

    async scan({ limit, cursor }) {
      const { Items = [], LastEvaluatedKey } = await client.scan({
        TableName: tableName,
        Limit: limit,
        ProjectionExpression: 'documentId, chunkKey',
        ...(cursor !== undefined && { ExclusiveStartKey: decodeCursor(scanCursor, cursor) }),
      });
      return { refs: Items.map(parseChunkKey), ...(LastEvaluatedKey && { cursor: encodeCursor(LastEvaluatedKey) }) };
    },
  };
}
