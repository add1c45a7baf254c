import { createHash } from 'node:crypto';
import { type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

export interface OauthServer extends ScriptedServer {
  /** As many as were given out. */
  readonly refreshes: number;
  /** The code that the browser would bring, for who logs in at this address. */
  codeFor(loginAddress: string): string;
}

/** The token endpoint of a user pool whose refresh tokens are rotated: each is good once. */
export async function startOauthServer(expiresInSeconds = 3_600): Promise<OauthServer> {
  const challenges = new Map<string, { challenge: string; redirect: string }>();
  const refreshTokens = new Set<string>();
  let count = 0;
  let refreshes = 0;
  const grant = () => {
    count += 1;
    refreshTokens.add(`refresh-${count}`);
    const body = { access_token: `access-${count}`, refresh_token: `refresh-${count}`, expires_in: expiresInSeconds };
    return { status: 200, body };
  };
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  const server = await startScriptedServer(({ method, path, body }) => {
    const form = new URLSearchParams(body);
    const given = (name: string) => form.get(name) ?? '';
    if (method !== 'POST' || given('client_id') !== 'cli') return { status: 400, body: { error: 'invalid_client' } };
    if (path.endsWith('/oauth2/revoke')) return { status: refreshTokens.delete(given('token')) ? 200 : 400 };
    if (given('grant_type') === 'refresh_token') {
      if (!refreshTokens.delete(given('refresh_token'))) return refused;
      refreshes += 1;
      return grant();
    }
    const asked = challenges.get(given('code'));
    challenges.delete(given('code'));
    const challenge = createHash('sha256').update(given('code_verifier')).digest('base64url');
    return asked?.challenge === challenge && asked.redirect === given('redirect_uri') ? grant() : refused;
  });
  return {
    ...server,
    get refreshes() {
      return refreshes;
    },
    codeFor(loginAddress) {
      const { searchParams } = new URL(loginAddress);
      const challenge = searchParams.get('code_challenge') ?? '';
      challenges.set(`code of ${challenge}`, { challenge, redirect: searchParams.get('redirect_uri') ?? '' });
      return `code of ${challenge}`;
    },
  };
}
