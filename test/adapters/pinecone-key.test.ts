import { afterEach, describe, expect, it } from 'vitest';
import { secretsClient } from '../../lambdas/adapters/aws/services.ts';
import { pineconeKey } from '../../lambdas/adapters/pinecone-key.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:groundwork/pinecone';

describe('the Pinecone key', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
  });
  const start = async (script: (count: number) => ScriptedReply) => {
    server = await startScriptedServer((_, count) => script(count));
    const client = secretsClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    return { server, key: pineconeKey(client, arn) };
  };
  const secret = (SecretString: string): ScriptedReply => ({ status: 200, body: { SecretString } });

  it.each([
    ['bare', ' pcsk_123\n'],
    ['in JSON', '{ "apiKey": "pcsk_123" }'],
  ])('may stand in the secret %s', async (_, value) => {
    const { key } = await start(() => secret(value));
    expect(await key()).toBe('pcsk_123');
  });

  it('is read once', async () => {
    const { server, key } = await start(() => secret('pcsk_123'));
    await Promise.all([key(), key()]);
    await key();
    expect(server.requests).toHaveLength(1);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ SecretId: arn });
  });

  it('is asked for again after a failure', async () => {
    const { key } = await start(count => (count === 1 ? { status: 500 } : secret('pcsk_123')));
    await expect(key()).rejects.toThrow();
    expect(await key()).toBe('pcsk_123');
  });

  it.each(['', '{"key":"pcsk_123"}', '{"apiKey": pcsk_123}'])(
    'missing in %j is told without telling the secret',
    async value => {
      const { key } = await start(() => secret(value));
      const failure = await key().catch((error: unknown) => error);
      expect(String(failure)).toContain(arn);
      expect(String(failure)).not.toContain('pcsk_123');
    },
  );
});
