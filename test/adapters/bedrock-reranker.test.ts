import { afterEach, describe, expect, it } from 'vitest';
import { rerankClient } from '../../lambdas/adapters/aws/services.ts';
import { bedrockReranker } from '../../lambdas/adapters/bedrock-reranker.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const modelArn = 'arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0';
const ranking = (...results: unknown[]): ScriptedReply => ({ status: 200, body: { results } });
const refusal = (status: number, type: string): ScriptedReply => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: { message: `${type} from the script` },
});

describe('Rerank', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
  });
  const start = async (script: (count: number) => ScriptedReply) => {
    server = await startScriptedServer((_, count) => script(count));
    const client = rerankClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 2,
      waitMs: () => 0,
    });
    return { server, reranker: bedrockReranker(client, modelArn) };
  };

  it('sends query, texts and model as the API wants them, signed for Bedrock', async () => {
    const { server, reranker } = await start(() =>
      ranking({ index: 0, relevanceScore: 0.2 }, { index: 1, relevanceScore: 0.9 }),
    );
    expect(await reranker.rerank('tax?', ['fish', 'tax'], 2)).toEqual([
      { index: 1, score: 0.9 },
      { index: 0, score: 0.2 },
    ]);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/rerank' });
    expect(request?.headers.authorization).toContain('/us-east-1/bedrock/aws4_request');
    const source = (text: string) => ({
      type: 'INLINE',
      inlineDocumentSource: { type: 'TEXT', textDocument: { text } },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      queries: [{ type: 'TEXT', textQuery: { text: 'tax?' } }],
      sources: [source('fish'), source('tax')],
      rerankingConfiguration: {
        type: 'BEDROCK_RERANKING_MODEL',
        bedrockRerankingConfiguration: { numberOfResults: 2, modelConfiguration: { modelArn } },
      },
    });
  });

  it('sends the beginning of a text that is too long, and no half of a character', async () => {
    const { server, reranker } = await start(() => ranking({ index: 0, relevanceScore: 1 }));
    await reranker.rerank('tax?', [`a${'😀'.repeat(20_000)}`], 1);
    const { sources } = JSON.parse(server.requests[0]?.body ?? '');
    const sent: string = sources[0].inlineDocumentSource.textDocument.text;
    expect(sent).toHaveLength(32_000);
    expect(sent.isWellFormed()).toBe(true);
  });

  it('asks again when it was throttled', async () => {
    const { reranker } = await start(count =>
      count === 1 ? refusal(429, 'ThrottlingException') : ranking({ index: 0, relevanceScore: 1 }),
    );
    expect(await reranker.rerank('tax?', ['tax'], 1)).toEqual([{ index: 0, score: 1 }]);
  });

  it.each([
    [429, 'ThrottlingException', 2],
    [500, 'InternalServerException', 2],
    [403, 'AccessDeniedException', 1],
    [404, 'UnknownOperationException', 1],
  ])('fails with what Bedrock says when %i %s stays', async (status, name, attempts) => {
    const { server, reranker } = await start(() => refusal(status, name));
    await expect(reranker.rerank('tax?', ['tax'], 1)).rejects.toMatchObject({ name });
    expect(server.requests).toHaveLength(attempts);
  });

  it.each([
    ['another shape', [{ index: 0 }]],
    ['a text that it was not given', [{ index: 2, relevanceScore: 1 }]],
    ['a text twice', Array.from({ length: 2 }, () => ({ index: 1, relevanceScore: 1 }))],
  ])('refuses a reply with %s', async (_, results) => {
    const { reranker } = await start(() => ranking(...results));
    await expect(reranker.rerank('tax?', ['fish', 'tax'], 2)).rejects.toThrow();
  });

  it('ends when the caller’s time is up', async () => {
    const { reranker } = await start(() => 'silence');
    const asking = reranker.rerank('tax?', ['tax'], 1, AbortSignal.timeout(50));
    await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
