import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { mayHaveCredentials } from './aws-credentials.ts';
import { CommandError, EXIT } from './command-error.ts';
import { apiKeyIdentity, type Identity } from './identity.ts';
import { readLogin } from './login-file.ts';
import { UsageError } from './parse-arguments.ts';

/** The Groundwork that a command works on. */
export interface Target {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly identity: Identity;
  /** How it was found, for people. */
  readonly foundBy: string;
}

export interface TargetOptions {
  readonly url?: string | undefined;
  readonly local?: boolean | undefined;
  readonly state?: string | undefined;
  readonly stage?: string | undefined;
}

const endpointsShape = z.object({ restUrl: z.string(), apiKey: z.string() });
/** The repository: `npm start` keeps its state there, wherever this command is called. */
const root = join(import.meta.dirname, '..');
const NONE = 'No Groundwork is known: start one with npm start, or log in to a deployed one with groundwork login.';

/**
 * `--url` or GROUNDWORK_URL with GROUNDWORK_API_KEY, then the login, then what `npm start` runs, then the dev stage in the
 * caller's AWS account; `--local` and `--state` ask for what runs here alone, `--stage` for a deployed one.
 * @throws CommandError when there is none
 */
export async function findTarget(options: TargetOptions, env: NodeJS.ProcessEnv): Promise<Target> {
  if (options.local || options.state !== undefined) return requireLocal(options.state);
  if (options.stage !== undefined) return deployedTarget(options.stage);
  const login = await readLogin(env);
  const url = options.url ?? env.GROUNDWORK_URL;
  if (url) return withKey(withSlash(url), login, env);
  if (login) return { restUrl: login.restUrl, identity: apiKeyIdentity(login.apiKey), foundBy: 'groundwork login' };
  const local = await localTarget(undefined);
  if (local) return local;
  if (mayHaveCredentials(env)) return deployedTarget('dev');
  throw new CommandError(NONE, EXIT.notFound);
}

async function deployedTarget(stage: string): Promise<Target> {
  const { deployedEndpoint } = await import('./aws-stack.ts'); // loaded on demand: the SDK takes a while
  const { restUrl, apiKey } = await deployedEndpoint(stage);
  return { restUrl, identity: apiKeyIdentity(apiKey), foundBy: `the stack Groundwork-${stage}` };
}

async function requireLocal(state: string | undefined): Promise<Target> {
  const target = await localTarget(state);
  if (target) return target;
  const where = state === undefined ? '' : ` with the state folder ${state}`;
  throw new CommandError(`No npm start runs${where}.`, EXIT.notFound);
}

function withKey(restUrl: string, login: Awaited<ReturnType<typeof readLogin>>, env: NodeJS.ProcessEnv): Target {
  if (!URL.canParse(restUrl)) throw new UsageError(`"${restUrl}" is no address.`);
  const apiKey = env.GROUNDWORK_API_KEY || (login?.restUrl === restUrl ? login.apiKey : undefined);
  if (apiKey) return { restUrl, identity: apiKeyIdentity(apiKey), foundBy: 'its address' };
  throw new CommandError(
    `There is no key for ${restUrl}: set GROUNDWORK_API_KEY, or run groundwork login --url ${restUrl}.`,
    EXIT.notFound,
  );
}

async function localTarget(state: string | undefined): Promise<Target | undefined> {
  const folder = state ?? join(root, '.groundwork');
  const text = await readFile(join(folder, 'endpoints.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const { restUrl, apiKey } = endpointsShape.parse(JSON.parse(text));
  return { restUrl, identity: apiKeyIdentity(apiKey), foundBy: 'npm start' };
}

export const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`);
