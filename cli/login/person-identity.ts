import { CommandError, EXIT } from '../command-error.ts';
import type { Identity } from '../identity.ts';
import { type PersonLogin, readLogin, withLoginLock, writeLogin } from '../login-file.ts';
import { refreshTokens } from './oauth.ts';

/** A token that ends within this time may end before the request arrives. */
const MARGIN_MS = 60_000;

const isFresh = ({ expiresAt }: PersonLogin): boolean => Date.parse(expiresAt) - MARGIN_MS > Date.now();

/** A person who has logged in with the browser. The access token is renewed when it ends, for all commands that run. */
export function personIdentity(env: NodeJS.ProcessEnv, login: PersonLogin): Identity {
  let current = login;
  let renewing: Promise<PersonLogin> | undefined;
  const renewed = (): Promise<PersonLogin> => {
    renewing ??= renew(env, current).finally(() => {
      renewing = undefined;
    });
    return renewing; // requests side by side wait for the same one
  };
  return {
    description: 'a login',
    async sign(request) {
      if (!isFresh(current)) current = await renewed();
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${current.accessToken}` } };
    },
  };
}

/** @throws CommandError when the login is over, or another took its place */
async function renew(env: NodeJS.ProcessEnv, known: PersonLogin): Promise<PersonLogin> {
  return withLoginLock(env, async () => {
    const stored = await readLogin(env); // another command may have renewed it
    const isOurs = stored && 'refreshToken' in stored && stored.restUrl === known.restUrl;
    if (!isOurs) throw new CommandError('Somebody has logged out meanwhile: log in again.', EXIT.refused);
    if (isFresh(stored)) return stored;
    const login = { ...stored, ...(await refreshTokens(stored, stored.refreshToken)) };
    await writeLogin(env, login);
    return login;
  });
}
