import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { dynamodbDocumentClient } from '../../lambdas/adapters/dynamodb-client.ts';
import { dynamodbPassageStore } from '../../lambdas/adapters/dynamodb-passage-store.ts';

interface BatchRequest {
  readonly RequestItems: Record<string, { Keys: unknown[]; ConsistentRead?: boolean }>;
}
interface BatchReply {
  readonly Responses: Record<string, unknown[]>;
  readonly UnprocessedKeys: BatchRequest['RequestItems'];
}

let close: (() => void) | undefined;
afterEach(() => close?.());

/** A store over a DynamoDB that replies by `reply`, and the requests that it got. */
async function storeOn(reply: (request: BatchRequest, call: number) => BatchReply) {
  const requests: BatchRequest[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const body: BatchRequest = JSON.parse(Buffer.concat(pieces).toString());
    requests.push(body);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(reply(body, requests.length)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on TCP has one
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = dynamodbDocumentClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { store: dynamodbPassageStore(client, { documents: 'Documents', chunks: 'Chunks' }), requests };
}

const documentId = 'd'.repeat(32);
const refs = [0, 1, 1].map(index => ({ documentId, version: 3, index }));
const chunk = {
  ...{ documentId: { S: documentId }, chunkKey: { S: '000003#000001' }, version: { N: '3' }, index: { N: '1' } },
  ...{ text: { S: 'x' }, start: { N: '0' }, end: { N: '1' }, tokenCount: { N: '1' }, textHash: { S: 'h' } },
  place: { M: {} },
};

it('reads both tables in one call, documents consistently, no key twice', async () => {
  const { store, requests } = await storeOn(() => ({ Responses: {}, UnprocessedKeys: {} }));
  await store.readChunksAndHeads(refs);
  expect(requests).toHaveLength(1);
  expect(requests[0]?.RequestItems).toEqual({
    Documents: {
      ConsistentRead: true,
      Keys: ['0', '3'].map(version => ({ documentId: { S: documentId }, version: { N: version } })),
    },
    Chunks: {
      Keys: ['000003#000000', '000003#000001'].map(key => ({ documentId: { S: documentId }, chunkKey: { S: key } })),
    },
  });
});

it('asks again for what DynamoDB left unprocessed', async () => {
  const left = { Chunks: { Keys: [{ documentId: { S: documentId }, chunkKey: { S: '000003#000001' } }] } };
  const { store, requests } = await storeOn((_, call): BatchReply => {
    if (call === 1) return { Responses: {}, UnprocessedKeys: left };
    return { Responses: { Chunks: [chunk] }, UnprocessedKeys: {} };
  });
  const { chunks } = await store.readChunksAndHeads(refs);
  expect(chunks).toMatchObject([{ documentId, version: 3, index: 1, text: 'x' }]);
  expect(requests[1]?.RequestItems).toEqual(left);
});

it('says that the store is unavailable when DynamoDB never gets to it', async () => {
  const { store } = await storeOn(({ RequestItems }) => ({ Responses: {}, UnprocessedKeys: RequestItems }));
  await expect(store.readChunksAndHeads(refs)).rejects.toMatchObject({ error: { kind: 'service-unavailable' } });
});
