/**
 * The peer of `npm run bench -- chat`: the calls of Groundwork's chat function with the AWS SDK's and Pinecone's clients,
 * and next to nothing else. No validation, no citations, no statistics of words, no links, no limits.
 */
import { BedrockRuntimeClient, ConverseStreamCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type Index, Pinecone } from '@pinecone-database/pinecone';
import type { APIGatewayProxyEvent } from 'aws-lambda';

const env = (name: string): string => process.env[name] ?? '';
const bedrock = new BedrockRuntimeClient();
const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient());
const secrets = new SecretsManagerClient();
const topK = Number(env('TOP_K'));
let index: Promise<Index> | undefined;

async function openIndex(): Promise<Index> {
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: env('PINECONE_SECRET_ARN') }));
  return new Pinecone({ apiKey: SecretString }).index({ host: env('PINECONE_INDEX_HOST'), namespace: 'default' });
}

async function readHistory(conversationId: string | undefined): Promise<Record<string, unknown>[]> {
  if (!conversationId) return [];
  const query = new QueryCommand({
    TableName: env('CONVERSATIONS_TABLE'),
    KeyConditionExpression: 'conversationId = :id AND begins_with(sk, :turn)',
    ExpressionAttributeValues: { ':id': conversationId, ':turn': 'TURN#' },
    ScanIndexForward: false,
    ConsistentRead: true,
    Limit: 20,
  });
  return (await dynamodb.send(query)).Items ?? [];
}

async function embed(inputText: string): Promise<number[]> {
  const body = JSON.stringify({ inputText, dimensions: Number(env('EMBEDDING_DIMENSION')), normalize: true });
  const json = 'application/json';
  const modelId = env('EMBEDDING_MODEL_ID');
  const reply = await bedrock.send(new InvokeModelCommand({ modelId, body, contentType: json, accept: json }));
  return JSON.parse(reply.body.transformToString()).embedding;
}

async function readPassages(ids: readonly string[]): Promise<string[]> {
  const refs = ids.map(id => id.split('#'));
  const [documents, chunks] = [env('DOCUMENTS_TABLE'), env('CHUNKS_TABLE')];
  const heads = refs.flatMap(([documentId, version]) => [
    { documentId, version: 0 },
    { documentId, version: Number(version) },
  ]);
  const keys = refs.map(([documentId, version, chunk]) => ({ documentId, chunkKey: `${version}#${chunk}` }));
  const { Responses = {} } = await dynamodb.send(
    new BatchGetCommand({
      RequestItems: { [documents]: { Keys: heads, ConsistentRead: true }, [chunks]: { Keys: keys } },
    }),
  );
  const live = new Map(Responses[documents]?.map(head => [head.documentId, head.liveVersion ?? head.version]));
  const found = Responses[chunks]?.filter(({ documentId, version }) => live.get(documentId) === version) ?? [];
  return found.slice(0, topK).map(({ text }) => String(text));
}

async function store(conversationId: string, turn: Record<string, unknown>): Promise<void> {
  const Key = { conversationId, sk: 'META' };
  const UpdateExpression = 'SET updatedAt = :now ADD turnCount :one';
  const values = { ':now': new Date().toISOString(), ':one': 1 };
  const table = env('CONVERSATIONS_TABLE');
  const update = { TableName: table, Key, UpdateExpression, ExpressionAttributeValues: values };
  await dynamodb.send(new UpdateCommand(update));
  await dynamodb.send(new PutCommand({ TableName: table, Item: turn }));
  const counted = { owner: 'bench', month: '2026-01' };
  const amount = { UpdateExpression: 'ADD spent :one', ExpressionAttributeValues: { ':one': 1 } };
  await dynamodb.send(new UpdateCommand({ TableName: env('QUOTAS_TABLE'), Key: counted, ...amount }));
}

export const handler = awslambda.streamifyResponse<APIGatewayProxyEvent>(async (event, responseStream) => {
  const { message, conversationId = 'new' } = JSON.parse(event.body ?? '{}');
  index ??= openIndex();
  const [turns, vector] = await Promise.all([readHistory(conversationId), embed(message), index]);
  const { matches } = await (await index).query({ vector, topK: topK * 3 });
  const passages = await readPassages(matches.map(({ id }) => id));
  const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
  const body = awslambda.HttpResponseStream.from(responseStream, { statusCode: 200, headers });
  const send = (name: string, data: unknown) => body.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  send('sources', { sources: matches });

  const text = [...passages.map((passage, i) => `[${i + 1}] ${passage}`), message].join('\n\n');
  const { stream = [] } = await bedrock.send(
    new ConverseStreamCommand({
      modelId: env('CHAT_MODEL_ID'),
      system: [{ text: 'Answer from the sources, and cite them like [1].' }],
      messages: [{ role: 'user', content: [{ text }] }],
      inferenceConfig: { maxTokens: Number(env('CHAT_MAX_TOKENS')) },
    }),
  );
  let answer = '';
  for await (const { contentBlockDelta } of stream) {
    const piece = contentBlockDelta?.delta?.text;
    if (!piece) continue;
    answer += piece;
    send('text-delta', { text: piece });
  }
  const turnId = Date.now().toString(36);
  await store(conversationId, { conversationId, sk: `TURN#${turnId}`, question: message, answer, turns: turns.length });
  send('completed', { answer });
  body.end();
});
