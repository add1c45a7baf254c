import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { apiKeyIdentity } from '../identity.ts';
import { loginFileOf, readLogin, removeLogin, writeLogin } from '../login-file.ts';
import { UsageError } from '../parse-arguments.ts';
import { withSlash } from '../target.ts';

export const login = defineCommand({
  summary: 'remember the address of a deployed Groundwork and its key',
  help: `Usage: groundwork login --url URL [options]

Remembers the address and the API key of a deployed Groundwork, in a file that only you can read. The key is asked for
without being shown, or read from stdin; it is never an argument, where others would see it.

  --show      where you are logged in
  --remove    forget it
`,
  options: { show: { type: 'boolean' }, remove: { type: 'boolean' } },
  async run({ values, env, output, signal, targetOptions }) {
    const file = loginFileOf(env);
    if (values.remove) {
      await removeLogin(env);
      output.result({ file, removed: true }, `${file} is gone.`);
      return 0;
    }
    if (values.show) {
      const found = await readLogin(env);
      if (!found) throw new CommandError('Nobody is logged in.', EXIT.notFound);
      output.result({ file, restUrl: found.restUrl }, `${found.restUrl} (${file})`);
      return 0;
    }
    const url = targetOptions.url ?? env.GROUNDWORK_URL;
    if (!url || !URL.canParse(url))
      throw new UsageError('Give the address that the deployment printed: --url https://…/v1/');
    const { protocol, hostname } = new URL(url);
    if (protocol !== 'https:' && hostname !== '127.0.0.1')
      throw new UsageError('The address must start with https://.');
    const apiKey = (process.stdin.isTTY ? await askHidden('API key: ', signal) : await text(process.stdin)).trim();
    if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new UsageError('No key came: paste it at the prompt, or pipe it in.');
    const restUrl = withSlash(url);
    const client = new Client({ restUrl, identity: apiKeyIdentity(apiKey), foundBy: 'its address' }, signal);
    await client.get(z.object({ documents: z.array(z.unknown()) }), { path: 'documents', query: { limit: '1' } });
    await writeLogin(env, { restUrl, apiKey });
    output.result({ file, restUrl }, `Logged in to ${restUrl} (${file})`);
    return 0;
  },
});

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
