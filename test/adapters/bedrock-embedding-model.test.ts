import { afterEach, describe, expect, it } from 'vitest';
import { bedrockClient } from '../../lambdas/adapters/aws/services.ts';
import { bedrockEmbeddingModel } from '../../lambdas/adapters/bedrock-embedding-model.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const embedding: ScriptedReply = { status: 200, body: { embedding: [0.6, 0.8], inputTextTokenCount: 1 } };
const refusal = (status: number, type: string, message = ''): ScriptedReply => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { message },
});
const tooLong = refusal(
  400,
  'ValidationException',
  '400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9000',
);

describe('the Titan model', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
  });
  const start = async (script: (count: number, inputText: string) => ScriptedReply, concurrency = 8) => {
    server = await startScriptedServer(({ body }, count) => script(count, JSON.parse(body).inputText));
    const client = bedrockClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 2,
    });
    const options = { modelId: 'amazon.titan-embed-text-v2:0', dimension: 2, concurrency };
    return { server, model: bedrockEmbeddingModel(client, options) };
  };

  it('asks for normalized embeddings of its dimension', async () => {
    const { server, model } = await start(() => embedding);
    expect(await model.embedQuery('hello')).toEqual([0.6, 0.8]);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ inputText: 'hello', dimensions: 2, normalize: true });
    expect(server.requests[0]?.path).toBe('/model/amazon.titan-embed-text-v2%3A0/invoke');
  });

  it('refuses an embedding of another dimension, naming both', async () => {
    const { model } = await start(() => ({ status: 200, body: { embedding: [1, 0, 0], inputTextTokenCount: 1 } }));
    await expect(model.embedQuery('hello')).rejects.toThrow('3 values, not 2');
  });

  it('embeds a text of too many tokens by as much of its beginning as the model takes', async () => {
    const { server, model } = await start((_, text) => (text.length > 600 ? tooLong : embedding));
    expect(await model.embedDocuments(['x'.repeat(1_000)])).toEqual([[0.6, 0.8]]);
    const sent = server.requests.map(({ body }) => JSON.parse(body).inputText);
    expect(sent.map(text => text.length)).toEqual([1_000, 750, 562]);
    expect(sent.every(text => 'x'.repeat(1_000).startsWith(text))).toBe(true);
  });

  it('cuts at 50,000 characters, and never through one', async () => {
    const { server, model } = await start(() => embedding);
    await model.embedDocuments([`a${'😀'.repeat(30_000)}`]);
    const sent: string = JSON.parse(server.requests[0]?.body ?? '').inputText;
    expect(sent.length).toBe(49_999);
    expect(sent.isWellFormed()).toBe(true);
  });

  it('asks again when it was throttled', async () => {
    const { model } = await start(count => (count === 1 ? refusal(429, 'ThrottlingException') : embedding));
    expect(await model.embedQuery('hello')).toEqual([0.6, 0.8]);
  });

  it.each([
    [429, 'ThrottlingException'],
    [503, 'ServiceUnavailableException'],
    [500, 'InternalServerException'],
  ])('says that it is unavailable when %i %s stays', async (status, type) => {
    const { server, model } = await start(() => refusal(status, type));
    const failure = await model.embedDocuments(['hello']).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppFailure);
    expect(failure).toMatchObject({ error: { kind: 'service-unavailable', service: 'The embedding model' } });
    expect(server.requests).toHaveLength(2);
  });

  it('says that it is unavailable when it is out of reach', async () => {
    const { model } = await start(() => 'hang-up');
    await expect(model.embedQuery('hello')).rejects.toMatchObject({ error: { kind: 'service-unavailable' } });
  });

  it('passes on what no waiting mends', async () => {
    const { server, model } = await start(() => refusal(403, 'AccessDeniedException', 'no access to the model'));
    await expect(model.embedQuery('hello')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(server.requests).toHaveLength(1);
  });

  it('is unavailable when the caller’s time is up', async () => {
    const { model } = await start(() => 'silence');
    const asking = model.embedQuery('hello', AbortSignal.timeout(50));
    await expect(asking).rejects.toMatchObject({ error: { kind: 'service-unavailable' } });
  });
});
