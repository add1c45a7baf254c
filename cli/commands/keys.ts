import { type Call, defineCommand } from '../command.ts';
import { table } from '../output.ts';
import { parseCount, UsageError } from '../parse-arguments.ts';
import { type ApiKey, apiKeyShape, createdKeyShape } from '../shapes.ts';

const ROLES = ['reader', 'contributor', 'administrator'];
const MOST_DAYS = 366;
const options = {
  role: { type: 'string' },
  group: { type: 'string', multiple: true },
  expires: { type: 'string' },
} as const;
type KeysCall = Call<typeof options>;

export const keys = defineCommand({
  summary: 'API keys for programs: list, create, revoke',
  help: `Usage: groundwork keys [list]
       groundwork keys create <name> [options]
       groundwork keys revoke <key>...

Lists the API keys of your tenant; makes one, and prints it, which is the only time that it is seen; revokes keys by their
id, at once. For administrators. The first key is made with AWS credentials: groundwork keys create --stage dev.

  --role ROLE     reader (default), contributor or administrator
  --group GROUP   reads documents of this group, too; may be repeated
  --expires DAYS  1 to 366 (default 90)
`,
  options,
  async run(call) {
    const [action = 'list', ...names] = call.positionals;
    if (action === 'list') await list(call);
    else if (action === 'create') await create(call, names.join(' ').trim());
    else if (action === 'revoke') await revoke(call, names);
    else throw new UsageError(`There is no action "${action}".`);
    return 0;
  },
});

async function list({ client, output }: KeysCall): Promise<void> {
  const found = await Array.fromAsync((await client()).list('keys', apiKeyShape, { path: 'keys' }));
  for (const key of found) output.result(key);
  const rows = found.map(key => [key.keyId, key.role, stateOf(key), key.groups.join(',') || '-', key.name]);
  for (const line of table(rows)) output.line(line);
  if (found.length === 0) output.line('No API keys.');
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt !== undefined) return `revoked ${revokedAt.slice(0, 10)}`;
  return `${Date.parse(expiresAt) > Date.now() ? 'until' : 'ended'} ${expiresAt.slice(0, 10)}`;
}

/** Nothing but the key goes to stdout, so that it can be piped to where it is kept. */
async function create({ client, output, values }: KeysCall, name: string): Promise<void> {
  const { role, group: groups, expires } = values;
  if (!name) throw new UsageError('Say what it is for: groundwork keys create "nightly report".');
  if (role !== undefined && !ROLES.includes(role)) throw new UsageError(`--role must be ${ROLES.join(', ')}.`);
  const body = {
    ...{ name, ...(role && { role }), ...(groups && { groups }) },
    ...(expires !== undefined && { expiresInDays: parseCount('--expires', expires, 1, MOST_DAYS) }),
  };
  const created = await (await client()).get(createdKeyShape, { method: 'POST', path: 'keys', body });
  output.result(created, created.key);
  output.note(
    `Key ${created.keyId}, ${created.role}, good until ${created.expiresAt.slice(0, 10)}. It is not shown again.`,
  );
}

async function revoke({ client, output }: KeysCall, names: readonly string[]): Promise<void> {
  if (names.length === 0) throw new UsageError('Say which: groundwork keys revoke <key>.');
  const api = await client();
  for (const keyId of names) {
    await api.call({ method: 'DELETE', path: `keys/${encodeURIComponent(keyId)}` });
    output.result({ keyId, revoked: true }, `${keyId} is revoked.`);
  }
}
