import { join } from 'node:path';
import { z } from 'zod';
import { mayHaveCredentials } from './aws-credentials.ts';
import { type AwsCaller, awsIdentity } from './aws-identity.ts';
import { CommandError, EXIT } from './command-error.ts';
import { apiKeyIdentity, type Identity } from './identity.ts';
import type { LoginServer } from './login/oauth.ts';
import { readLogin } from './login-file.ts';
import { UsageError } from './parse-arguments.ts';
import { readIfThere } from './read-if-there.ts';

/** Where a Groundwork is. */
export interface Place {
  /** Ends with a slash. */
  readonly restUrl: string;
  /** How it was found, for people. */
  readonly foundBy: string;
  /** Absent where it is not known. */
  readonly loginServer?: LoginServer | undefined;
  /** Who its operator is there, without a key or a login. Absent: nobody. */
  readonly operator?: Identity | undefined;
  /** For those who call with AWS credentials. */
  readonly aws: () => Promise<AwsCaller>;
}

export interface PlaceOptions {
  readonly url?: string | undefined;
  readonly local?: boolean | undefined;
  readonly state?: string | undefined;
  readonly stage?: string | undefined;
}

const endpointsShape = z.object({
  restUrl: z.string(),
  apiKey: z.string(),
  region: z.string().optional(),
  userPoolDomain: z.string().optional(),
  cliClientId: z.string().optional(),
});
/** The repository: `npm start` keeps its state there, wherever this command is called. */
const root = join(import.meta.dirname, '..');
const NONE = 'No Groundwork is known: start one with npm start, or log in to a deployed one with groundwork login.';

/**
 * `--stage`, or `--local` and `--state` for what runs here, then `--url` or GROUNDWORK_URL, then the login, then what
 * `npm start` runs, then the dev stage in the caller's AWS account.
 * @throws CommandError when there is none
 */
export async function findPlace(options: PlaceOptions, env: NodeJS.ProcessEnv): Promise<Place> {
  if (options.local || options.state !== undefined) return requireLocal(options.state);
  if (options.stage !== undefined) return deployed(options.stage);
  const url = options.url ?? env.GROUNDWORK_URL;
  if (url) return addressed(withSlash(url), 'its address', env);
  const login = await readLogin(env);
  if (login) return addressed(login.restUrl, 'groundwork login', env);
  const local = await localPlace(undefined);
  if (local) return local;
  if (mayHaveCredentials(env)) return deployed('dev');
  throw new CommandError(NONE, EXIT.notFound);
}

async function deployed(stage: string): Promise<Place> {
  const { awsCaller, deployedStack } = await import('./aws-stack.ts'); // loaded on demand: the SDK takes a while
  const stack = await deployedStack(stage);
  return {
    restUrl: stack.restUrl,
    foundBy: `the stack Groundwork-${stage}`,
    loginServer: stack.loginServer,
    operator: awsIdentity(stack.restUrl, await awsCaller()),
    aws: awsCaller,
  };
}

async function addressed(restUrl: string, foundBy: string, env: NodeJS.ProcessEnv): Promise<Place> {
  if (!URL.canParse(restUrl)) throw new UsageError(`"${restUrl}" is no address.`);
  const login = await readLogin(env);
  const known = login?.restUrl === restUrl && 'domain' in login ? login : undefined;
  return {
    restUrl,
    foundBy,
    loginServer: known && { domain: known.domain, clientId: known.clientId },
    async aws() {
      const { awsCaller } = await import('./aws-stack.ts');
      // A domain of one's own does not name the region.
      return awsCaller(/\.execute-api\.([a-z0-9-]+)\./.exec(new URL(restUrl).hostname)?.[1]);
    },
  };
}

async function requireLocal(state: string | undefined): Promise<Place> {
  const place = await localPlace(state);
  if (place) return place;
  const where = state === undefined ? '' : ` with the state folder ${state}`;
  throw new CommandError(`No npm start runs${where}.`, EXIT.notFound);
}

async function localPlace(state: string | undefined): Promise<Place | undefined> {
  const folder = state ?? join(root, '.groundwork');
  const text = await readIfThere(join(folder, 'endpoints.json'));
  if (text === undefined) return undefined;
  const { restUrl, apiKey, region = 'us-east-1', userPoolDomain, cliClientId } = endpointsShape.parse(JSON.parse(text));
  return {
    ...{ restUrl, foundBy: 'npm start', operator: apiKeyIdentity(apiKey) },
    loginServer: userPoolDomain && cliClientId ? { domain: userPoolDomain, clientId: cliClientId } : undefined,
    // The local cloud takes any key for the operator's.
    aws: async () => ({ region, credentials: async () => ({ accessKeyId: 'local', secretAccessKey: 'local' }) }),
  };
}

export const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
