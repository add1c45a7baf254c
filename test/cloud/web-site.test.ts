import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from './support/stack.ts';

describe('the page of the stack', () => {
  let stack: Stack;
  const output = (name: string) => stack.cloud.outputs[name] ?? '';
  const get = (path: string) => fetch(`${output('WebUrl')}${path}`);
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.close());

  it('is served with what it loads, and may talk to its own stack alone', async () => {
    const response = await get('');
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const assets = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].flatMap(([, address]) => address ?? []);
    for (const address of assets) {
      const { status, headers } = await get(address);
      expect([status, headers.get('cache-control')], address).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    const policy = response.headers.get('content-security-policy') ?? '';
    const tokenUrl = `${output('UserPoolDomain')}/oauth2/`;
    const bucketUrl = `${stack.endpoint.url}/${stack.bucket}`;
    expect(policy).toContain(`connect-src 'self' ${output('RestUrl')} ${tokenUrl} ${bucketUrl};`);
    expect(policy).toContain(`report-uri ${output('RestUrl')}csp-reports`);
  });

  it('knows the addresses of its stack', async () => {
    expect(await (await get('config.json')).json()).toEqual({
      restUrl: output('RestUrl'),
      authUrl: output('UserPoolDomain'),
      issuer: output('UserPoolIssuer'),
      clientId: output('WebClientId'),
      cliClientId: output('CliClientId'),
      region: output('Region'),
      stage: 'dev',
    });
  });

  it('is where the user pool lets people come back to, and nowhere beside it', async () => {
    const authorize = (redirect_uri: string) => {
      const query = { response_type: 'code', client_id: output('WebClientId'), redirect_uri, scope: 'openid' };
      const pkce = { code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
      return fetch(`${output('UserPoolDomain')}/oauth2/authorize?${new URLSearchParams({ ...query, ...pkce })}`);
    };
    expect((await authorize(output('WebUrl'))).status).toBe(200);
    expect((await authorize(`${output('WebUrl')}other`)).status).toBe(400);
  });

  it('takes reports of browsers from everybody, and logs them without what was asked', async () => {
    const report = { 'effective-directive': 'img-src', 'blocked-uri': 'https://evil.test/?q=what-was-asked' };
    const response = await fetch(`${output('RestUrl')}csp-reports`, {
      method: 'POST',
      headers: { 'content-type': 'application/csp-report' },
      body: JSON.stringify({ 'csp-report': report }),
    });
    expect(response.status).toBe(204);
    await expect.poll(() => stack.logs.join('\n')).toContain('The page was kept from something');
    expect(stack.logs.join('\n')).not.toContain('what-was-asked');
  });
});
