/** Secrets Manager, as far as secrets have one current value: no rotation, no earlier versions, no binary values. */
import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import {
  ACCOUNT_ID,
  AccessDenied,
  type Caller,
  type Exchange,
  type Handler,
  type Iam,
  PARTITION,
} from './contracts.ts';
import { JSON_1_1, jsonError, jsonReply } from './wire.ts';

export interface SecretsManagerOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  readonly database: DatabaseSync;
  readonly region: string;
}
interface SecretSpec {
  readonly name: string;
  /** Left out: a secret that exists keeps its value, a new one has none yet. */
  readonly value?: string;
  /** Left out: made from the name. */
  readonly arn?: string;
}
export interface SecretsManagerServer {
  readonly handler: Handler;
  /** Creates the secret or changes its value. @returns its ARN */
  putSecret(spec: SecretSpec): string;
  /** @param id name, full ARN or ARN without its suffix; deleting an absent one is no error */
  deleteSecret(id: string): void;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly value: string | null;
  /** Of the current value; null when there is none. */
  readonly versionId: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What a client did wrong, by the service's own name for it. */
class SecretsManagerError extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

type Input = Readonly<Record<string, unknown>>;
type Operation = (input: Input, caller: Caller) => unknown;

const CURRENT = 'AWSCURRENT';

export function createSecretsManager({ iam, database, region }: SecretsManagerOptions): SecretsManagerServer {
  const store = secretStore(database);
  const arnPrefix = `arn:${PARTITION}:secretsmanager:${region}:${ACCOUNT_ID}:secret:`;

  /** The secret's ARN, also before there is such a secret: whoever may not see it does not learn that it is absent. */
  const arnOf = (id: string) => {
    const found = store.find(id);
    if (found) return found.arn;
    return id.startsWith('arn:') ? id : arnPrefix + id + suffixOf(id);
  };
  const authorized = (input: Input, caller: Caller, action: string): Secret => {
    const id = text(input, 'SecretId');
    iam.authorize(caller, `secretsmanager:${action}`, arnOf(id), { 'secretsmanager:SecretId': arnOf(id) });
    const secret = store.find(id);
    if (!secret) throw notFound("Secrets Manager can't find the specified secret.");
    return secret;
  };

  function putSecret({ name, value, arn = arnPrefix + name + suffixOf(name) }: SecretSpec): string {
    const existing = store.find(name);
    if (!existing) store.insert({ name, arn, now: Date.now() });
    if (value !== undefined && value !== existing?.value) store.setValue(name, value);
    return existing?.arn ?? arn;
  }

  const operations: Readonly<Record<string, Operation>> = {
    GetSecretValue(input, caller) {
      const secret = authorized(input, caller, 'GetSecretValue');
      const wantsCurrent = (input.VersionStage ?? CURRENT) === CURRENT;
      const wantsVersion = input.VersionId === undefined || input.VersionId === secret.versionId;
      if (secret.value === null || !wantsCurrent || !wantsVersion) {
        const label = wantsVersion
          ? `staging label: ${input.VersionStage ?? CURRENT}`
          : `VersionId: ${input.VersionId}`;
        throw notFound(`Secrets Manager can't find the specified secret value for ${label}`);
      }
      return {
        ...referenceTo(secret),
        ...versionOf(secret),
        SecretString: secret.value,
        CreatedDate: secret.changedAt / 1000,
      };
    },
    DescribeSecret(input, caller) {
      return describe(authorized(input, caller, 'DescribeSecret'));
    },
    CreateSecret(input, caller) {
      const name = text(input, 'Name');
      iam.authorize(caller, 'secretsmanager:CreateSecret', arnOf(name), { 'secretsmanager:Name': name });
      if (!/^[\w/+=.@-]{1,512}$/.test(name)) throw invalid(`Invalid name ${name}. Must be letters, digits and /_+=.@-`);
      if (store.find(name)) {
        throw new SecretsManagerError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      putSecret({ name, ...optionalValue(input) });
      const secret = authorized({ SecretId: name }, caller, 'CreateSecret');
      return { ...referenceTo(secret), ...(secret.versionId ? { VersionId: secret.versionId } : {}) };
    },
    PutSecretValue(input, caller) {
      const { name, arn } = authorized(input, caller, 'PutSecretValue');
      const { value } = optionalValue(input);
      if (value === undefined) throw invalid('You must provide SecretString.');
      store.setValue(name, value);
      return { ARN: arn, Name: name, ...versionOf(store.find(name)) };
    },
    UpdateSecret(input, caller) {
      const { name, arn } = authorized(input, caller, 'UpdateSecret');
      const { value } = optionalValue(input);
      if (value !== undefined) store.setValue(name, value);
      return { ARN: arn, Name: name, VersionId: store.find(name)?.versionId ?? undefined };
    },
    DeleteSecret(input, caller) {
      const secret = authorized(input, caller, 'DeleteSecret');
      store.remove(secret.name);
      return { ...referenceTo(secret), DeletionDate: Date.now() / 1000 };
    },
    ListSecrets(_input, caller) {
      iam.authorize(caller, 'secretsmanager:ListSecrets', '*');
      return { SecretList: store.all().map(describe) };
    },
  };

  return {
    handler: exchange => serve(exchange, operations),
    putSecret,
    deleteSecret: id => store.remove(store.find(id)?.name ?? id),
  };
}

async function serve(exchange: Exchange, operations: Readonly<Record<string, Operation>>): Promise<void> {
  const { response, headers, caller } = exchange;
  const target = String(headers['x-amz-target'] ?? '');
  const name = target.replace(/^secretsmanager\./, '');
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) {
      const known = Object.keys(operations).join(', ');
      throw new SecretsManagerError(
        'UnknownOperationException',
        `The local Secrets Manager has ${known}, not ${name}.`,
      );
    }
    jsonReply(response, operation(parseInput(await exchange.body()), caller), JSON_1_1);
  } catch (error) {
    if (error instanceof AccessDenied) {
      jsonError(response, 400, 'AccessDeniedException', error.message, { contentType: JSON_1_1 });
    } else if (error instanceof SecretsManagerError) {
      jsonError(response, 400, error.type, error.message, { contentType: JSON_1_1 });
    } else throw error;
  }
}

function parseInput(body: Buffer): Input {
  try {
    const input: unknown = JSON.parse(body.toString('utf8') || '{}');
    // Each operation checks the fields that it reads.
    if (typeof input === 'object' && input !== null) return input as Input;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new SecretsManagerError('SerializationException', 'The request body is no JSON object.');
}

function text(input: Input, field: string): string {
  const value = input[field];
  if (typeof value !== 'string' || value === '') throw invalid(`${field} must be a text.`);
  return value;
}

function optionalValue(input: Input): { value?: string } {
  if (input.SecretBinary !== undefined) throw invalid('The local Secrets Manager keeps SecretString only.');
  return input.SecretString === undefined ? {} : { value: text(input, 'SecretString') };
}

const invalid = (message: string) => new SecretsManagerError('InvalidParameterException', message);
const notFound = (message: string) => new SecretsManagerError('ResourceNotFoundException', message);

const referenceTo = ({ arn, name }: Secret) => ({ ARN: arn, Name: name });

function versionOf(secret: Secret | undefined) {
  return secret?.versionId ? { VersionId: secret.versionId, VersionStages: [CURRENT] } : {};
}

function describe(secret: Secret) {
  return {
    ...referenceTo(secret),
    CreatedDate: secret.createdAt / 1000,
    LastChangedDate: secret.changedAt / 1000,
    ...(secret.versionId ? { VersionIdsToStages: { [secret.versionId]: [CURRENT] } } : {}),
  };
}

/** AWS ends an ARN with six random characters; here the same name has the same ones at every start. */
function suffixOf(name: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const bytes = createHash('sha256').update(name).digest().subarray(0, 6);
  return `-${[...bytes].map(byte => digits[byte % digits.length]).join('')}`;
}

function secretStore(database: DatabaseSync) {
  database.exec(`CREATE TABLE IF NOT EXISTS secrets (
    name TEXT PRIMARY KEY, arn TEXT NOT NULL UNIQUE, value TEXT, version_id TEXT,
    created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
  ) STRICT`);
  const columns = 'name, arn, value, version_id AS versionId, created_at AS createdAt, changed_at AS changedAt';
  // An ARN without its suffix is looked up by what precedes the six characters and their hyphen.
  const find = database.prepare(
    `SELECT ${columns} FROM secrets WHERE name = :id OR arn = :id OR substr(arn, 1, length(arn) - 7) = :id LIMIT 1`,
  );
  const all = database.prepare(`SELECT ${columns} FROM secrets ORDER BY name`);
  const insert = database.prepare('INSERT INTO secrets (name, arn, created_at, changed_at) VALUES (?, ?, ?, ?)');
  const update = database.prepare('UPDATE secrets SET value = ?, version_id = ?, changed_at = ? WHERE name = ?');
  const remove = database.prepare('DELETE FROM secrets WHERE name = ?');
  return {
    // The rows have just the columns selected.
    find: (id: string) => find.get({ id }) as Secret | undefined,
    all: () => all.all() as unknown as Secret[],
    insert: ({ name, arn, now }: { name: string; arn: string; now: number }) => insert.run(name, arn, now, now),
    setValue: (name: string, value: string) => update.run(value, randomUUID(), Date.now(), name),
    remove: (name: string) => remove.run(name),
  };
}
