import { afterAll, beforeAll, describe } from 'vitest';
import { rerankClient } from '../../lambdas/adapters/aws/services.ts';
import { bedrockReranker } from '../../lambdas/adapters/bedrock-reranker.ts';
import { fakeReranker, rankByWords } from '../fakes/reranker.ts';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';
import { rerankerContract } from './reranker.ts';

describe('fake', () => {
  rerankerContract(fakeReranker);
});

describe('Rerank on Bedrock', () => {
  let server: ScriptedServer;
  beforeAll(async () => {
    server = await startScriptedServer(({ body }) => ({ status: 200, body: { results: resultsOf(JSON.parse(body)) } }));
  });
  afterAll(() => server.close());

  rerankerContract(() => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = rerankClient({ region: 'us-east-1', endpoint: server.url, credentials });
    return bedrockReranker(client, 'arn:aws:bedrock:us-east-1::foundation-model/cohere.rerank-v3-5:0');
  });
});

interface RerankRequest {
  readonly queries: readonly [{ readonly textQuery: { readonly text: string } }];
  readonly sources: readonly { readonly inlineDocumentSource: { readonly textDocument: { readonly text: string } } }[];
  readonly rerankingConfiguration: { readonly bedrockRerankingConfiguration: { readonly numberOfResults: number } };
}

function resultsOf({ queries: [{ textQuery }], sources, rerankingConfiguration }: RerankRequest) {
  const texts = sources.map(({ inlineDocumentSource }) => inlineDocumentSource.textDocument.text);
  const { numberOfResults } = rerankingConfiguration.bedrockRerankingConfiguration;
  const ranked = rankByWords(textQuery.text, texts, numberOfResults);
  return ranked.map(({ index, score }) => ({ index, relevanceScore: score }));
}
