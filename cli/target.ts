import { awsIdentity } from './aws-identity.ts';
import { CommandError, EXIT } from './command-error.ts';
import { apiKeyIdentity, type Identity } from './identity.ts';
import { personIdentity } from './login/person-identity.ts';
import { readLogin } from './login-file.ts';
import { findPlace, type Place, type PlaceOptions, withSlash } from './place.ts';

/** The Groundwork that a command works on, and who calls it. */
export interface Target {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly identity: Identity;
  /** How it was found, for people. */
  readonly foundBy: string;
}

export interface TargetOptions extends PlaceOptions {
  /** Calls with AWS credentials, whatever key or login there is. */
  readonly aws?: boolean | undefined;
}

/** @throws CommandError when there is none, or nobody to call it as */
export async function findTarget(options: TargetOptions, env: NodeJS.ProcessEnv): Promise<Target> {
  const place = await findPlace(options, env);
  const { restUrl, foundBy } = place;
  return { restUrl, foundBy, identity: await identityAt(place, options, env) };
}

/**
 * `--aws`, then GROUNDWORK_API_KEY, then the login to this address, then the operator's: the key of what `npm start` runs,
 * or the AWS credentials that a deployed stack was found with.
 */
async function identityAt(place: Place, { aws }: TargetOptions, env: NodeJS.ProcessEnv): Promise<Identity> {
  const { restUrl, operator } = place;
  if (aws) return awsIdentity(restUrl, await place.aws());
  const apiKey = keyFor(restUrl, env);
  if (apiKey) return apiKeyIdentity(apiKey);
  const login = await readLogin(env);
  if (login?.restUrl === restUrl) return 'apiKey' in login ? apiKeyIdentity(login.apiKey) : personIdentity(env, login);
  if (operator) return operator;
  throw new CommandError(
    `There is no key for ${restUrl}: set GROUNDWORK_API_KEY, or run groundwork login --url ${restUrl}.`,
    EXIT.notFound,
  );
}

/** The key goes with the address beside it, and to no other. */
function keyFor(restUrl: string, { GROUNDWORK_API_KEY: apiKey, GROUNDWORK_URL: url }: NodeJS.ProcessEnv) {
  return url && withSlash(url) !== restUrl ? undefined : apiKey;
}
