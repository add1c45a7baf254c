import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { awsIdentity } from './aws-identity.ts';
import { Client, type ClientOptions } from './client.ts';
import { CommandError, EXIT } from './command-error.ts';
import { apiKeyIdentity } from './identity.ts';
import { readIfThere } from './read-if-there.ts';
import { createdKeyShape, meShape } from './shapes.ts';

/** A stack on this machine, and those who wait for it. */
export interface LocalStack {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly region: string;
  /** @default nobody interrupts */
  readonly signal?: AbortSignal;
  readonly onRequest?: ClientOptions['onRequest'];
}

export const OWN_KEY_FILE = 'api-key';
/** The local cloud takes any key of AWS for the operator's. */
const localOperator = { accessKeyId: 'local', secretAccessKey: 'local' };
/** The most that the API gives. */
const KEY_DAYS = 366;

/**
 * The API key by which `npm start` and the tools on this machine ask, an administrator's. It is kept in the state folder, and
 * made anew when it is not taken any more.
 * @param state the state folder
 */
export async function ownKey(state: string, stack: LocalStack): Promise<string> {
  const file = join(state, OWN_KEY_FILE);
  const kept = await readIfThere(file);
  if (kept !== undefined && (await isTaken(kept, stack))) return kept;
  const made = await makeKey('npm start', stack);
  await writeFile(file, made, { mode: 0o600 });
  return made;
}

async function isTaken(key: string, stack: LocalStack): Promise<boolean> {
  try {
    await clientOf(stack, apiKeyIdentity(key), stack.onRequest).get(meShape, { path: 'me' });
    return true;
  } catch (error) {
    if (error instanceof CommandError && error.exitCode === EXIT.refused) return false;
    throw error;
  }
}

/** Makes an administrator's key, as the operator: with AWS credentials. */
export async function makeKey(name: string, stack: LocalStack): Promise<string> {
  const { restUrl, region, onRequest } = stack;
  const operator = awsIdentity(restUrl, { region, credentials: async () => localOperator });
  const client = clientOf(stack, operator, (method, path) => onRequest?.(method, `/iam${path}`));
  const body = { name, role: 'administrator', expiresInDays: KEY_DAYS };
  return (await client.get(createdKeyShape, { method: 'POST', path: 'keys', body })).key;
}

function clientOf(
  { restUrl, signal = new AbortController().signal }: LocalStack,
  identity: Client['target']['identity'],
  onRequest: ClientOptions['onRequest'],
): Client {
  return new Client({ restUrl, identity, foundBy: 'npm start' }, signal, onRequest && { onRequest });
}
