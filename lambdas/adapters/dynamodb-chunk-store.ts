import { type DynamoDBDocumentClient, paginateQuery } from '@aws-sdk/lib-dynamodb';
import type { ChunkStore } from '../ports.ts';
import { chunkKeyOf, chunkKeyPrefix, parseChunk } from './document-items.ts';
import { DynamodbTable, type Item } from './dynamodb-table.ts';

/** The text of every chunk, in the Chunks table. */
export function dynamodbChunkStore(client: DynamoDBDocumentClient, tableName: string): ChunkStore {
  const table = new DynamodbTable(client, tableName);

  const removeFrom = async (documentId: string, version: number, index: number) => {
    const pages = paginateQuery(
      { client },
      {
        TableName: tableName,
        ConsistentRead: true,
        ProjectionExpression: 'documentId, chunkKey',
        KeyConditionExpression: 'documentId = :id AND chunkKey BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':id': documentId,
          ':first': chunkKeyOf(version, index),
          ':last': `${chunkKeyPrefix(version)}~`, // behind every digit
        },
      },
    );
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
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: 'documentId = :id AND chunkKey BETWEEN :first AND :last',
          ExpressionAttributeValues: {
            ':id': documentId,
            ':first': chunkKeyOf(version, from),
            ':last': chunkKeyOf(version, to - 1),
          },
        },
      );
      const items: Item[] = [];
      for await (const page of pages) items.push(...(page.Items ?? []));
      return items.map(parseChunk);
    },

    removeFrom,

    removeVersion: (documentId, version) => removeFrom(documentId, version, 0),
  };
}
