import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { apiKeyIdentity } from '../identity.ts';
import type { LoginServer } from '../login/oauth.ts';
import { readPage } from '../login/page.ts';
import { personIdentity } from '../login/person-identity.ts';
import { signIn } from '../login/sign-in.ts';
import { type Login, withLoginLock, writeLogin } from '../login-file.ts';
import { UsageError } from '../parse-arguments.ts';
import { findPlace, type Place } from '../place.ts';
import { meShape } from '../shapes.ts';

const options = {
  'api-key': { type: 'boolean' },
  domain: { type: 'string' },
  client: { type: 'string' },
  'no-browser': { type: 'boolean' },
} as const;

export const login = defineCommand({
  summary: 'log in with the browser, or with an API key',
  help: `Usage: groundwork login [address] [options]

Has you log in with the browser, and remembers it in a file that only you can read, until groundwork logout. The address is
that of the web page. Without one, where to log in is read from the stack (--stage), or from what npm start runs (--local).

  --no-browser  only print the address, for a browser on another machine; paste the address that it ends at
  --domain URL  with --url, the address of the API: the user pool's hosted pages (output UserPoolDomain)
  --client ID   of the command line's app client (output CliClientId)
  --api-key     remember an API key instead; it is asked for without being shown, or read from stdin, and never an
                argument, where others would see it
`,
  options,
  async run(call) {
    const { env, output, signal } = call;
    const place = await placeOf(call);
    requireSecrecy(place.restUrl);
    const login = call.values['api-key'] ? await keyLogin(place, signal) : await personLogin(call, place);
    const identity = 'apiKey' in login ? apiKeyIdentity(login.apiKey) : personIdentity(env, login);
    const client = new Client({ ...place, identity }, signal);
    const me = await client.get(meShape, { path: 'me' }); // tried before it is remembered
    const file = await withLoginLock(env, () => writeLogin(env, login));
    const { restUrl } = place;
    output.result({ file, restUrl, ...me }, `Logged in to ${restUrl} as ${me.name ?? me.userId}, ${me.role} (${file})`);
    return 0;
  },
});

/** The Groundwork behind a page, or the one that every command would find. */
async function placeOf({ positionals, targetOptions, env, signal }: Call<typeof options>): Promise<Place> {
  const [address, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`Unexpected argument '${others[0]}'.`);
  if (address === undefined) return findPlace(targetOptions, env);
  const { restUrl, loginServer } = await readPage(address, signal);
  return { ...(await findPlace({ url: restUrl }, env)), foundBy: address, loginServer };
}

async function personLogin(call: Call<typeof options>, place: Place): Promise<Login> {
  const { env, output, signal, values } = call;
  const server = loginServerOf(values, place);
  requireSecrecy(server.domain);
  const tokens = await signIn(server, { output, env, signal, opensBrowser: !values['no-browser'] });
  return { restUrl: place.restUrl, ...server, ...tokens };
}

function loginServerOf(
  { domain, client }: Call<typeof options>['values'],
  { loginServer, restUrl }: Place,
): LoginServer {
  if (domain !== undefined && client !== undefined) return { domain: domain.replace(/\/+$/, ''), clientId: client };
  if (loginServer) return loginServer;
  throw new CommandError(
    `Where to log in for ${restUrl} is not known: give --domain and --client (outputs UserPoolDomain and CliClientId), or --api-key.`,
    EXIT.notFound,
  );
}

/** Keys and tokens go over no network in the clear. */
function requireSecrecy(address: string): void {
  const { protocol, hostname } = URL.parse(address) ?? {};
  if (protocol !== 'https:' && hostname !== '127.0.0.1')
    throw new UsageError(`The address must start with https://, not ${address}.`);
}

async function keyLogin({ restUrl }: Place, signal: AbortSignal): Promise<Login> {
  const apiKey = (process.stdin.isTTY ? await askHidden('API key: ', signal) : await text(process.stdin)).trim();
  if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new UsageError('No key came: paste it at the prompt, or pipe it in.');
  return { restUrl, apiKey };
}

async function askHidden(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(prompt);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('', { signal });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
