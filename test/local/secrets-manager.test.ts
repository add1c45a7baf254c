import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Iam } from '../../local/contracts.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createSecretsManager, type SecretsManagerServer } from '../../local/secrets-manager.ts';

const region = 'eu-central-1';
const roleArn = 'arn:aws:iam::000000000000:role/embed';
const name = 'groundwork/pinecone';
const prefix = `arn:aws:secretsmanager:${region}:000000000000:secret:`;

let folder: string;
let database: DatabaseSync;
let iam: Iam;
let secrets: SecretsManagerServer;
let gateway: Gateway;
let operator: SecretsManagerClient;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  database = new DatabaseSync(join(folder, 'state.db'));
  iam = createIam();
  secrets = createSecretsManager({ iam, database, region });
  gateway = await startGateway({
    port: 0,
    routes: { secretsmanager: secrets.handler },
    identify: createIdentify({ iam }),
    log: { line: (_source, line) => expect.unreachable(line) },
  });
  operator = clientWith({ accessKeyId: 'test', secretAccessKey: 'test' });
});
afterEach(async () => {
  await gateway.close();
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function clientWith(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) {
  return new SecretsManagerClient({ endpoint: gateway.url, region, credentials, maxAttempts: 1 });
}
/** A function whose role may read the secrets of `resource`. */
function functionClient(resource: string): SecretsManagerClient {
  const Principal = { Service: 'lambda.amazonaws.com' };
  const trust = { Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' } as const] };
  const Action = 'secretsmanager:GetSecretValue';
  const policy = { Statement: [{ Effect: 'Allow', Action, Resource: resource } as const] };
  iam.putRole({ arn: roleArn, name: 'embed', trust, policies: [policy] });
  return clientWith(iam.issueCredentials(roleArn, 'embed-function'));
}
const get = (SecretId: string) => new GetSecretValueCommand({ SecretId });

describe('a secret', () => {
  it('is found by name, by ARN and by ARN without its suffix', async () => {
    const arn = secrets.putSecret({ name, value: 'k-1' });
    expect(arn).toMatch(new RegExp(`^${prefix}${name}-[A-Za-z0-9]{6}$`));
    for (const id of [name, arn, arn.slice(0, -7)]) {
      const { SecretString, ARN, Name, VersionStages, CreatedDate } = await operator.send(get(id));
      expect([SecretString, ARN, Name, VersionStages]).toEqual(['k-1', arn, name, ['AWSCURRENT']]);
      expect(CreatedDate?.getFullYear()).toBe(new Date().getFullYear());
    }
  });

  it('is not found by a part of its name', async () => {
    secrets.putSecret({ name, value: 'k-1' });
    await expect(operator.send(get('groundwork'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(operator.send(get(`${prefix}groundwork`))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('keeps its value and ARN when it is put again without a value, and over a restart', async () => {
    const arn = secrets.putSecret({ name, value: 'k-1' });
    expect(createSecretsManager({ iam, database, region }).putSecret({ name })).toBe(arn);
    expect((await operator.send(get(name))).SecretString).toBe('k-1');
  });

  it('has the same ARN wherever it is made, or the one it is given', () => {
    const arn = secrets.putSecret({ name });
    secrets.deleteSecret(arn);
    expect(secrets.putSecret({ name })).toBe(arn);
    expect(secrets.putSecret({ name: 'other', arn: `${prefix}other-AbCdEf` })).toBe(`${prefix}other-AbCdEf`);
  });

  it('has no value until it is given one', async () => {
    secrets.putSecret({ name });
    await expect(operator.send(get(name))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
    await operator.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'k-1' }));
    expect((await operator.send(get(name))).SecretString).toBe('k-1');
  });

  it('has no other stage or version than the current', async () => {
    secrets.putSecret({ name, value: 'k-1' });
    const { VersionId } = await operator.send(get(name));
    await operator.send(new GetSecretValueCommand({ SecretId: name, VersionId }));
    for (const other of [{ VersionStage: 'AWSPREVIOUS' }, { VersionId: 'another-version-of-32-characters' }]) {
      const call = operator.send(new GetSecretValueCommand({ SecretId: name, ...other }));
      await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });
});

describe('the operator', () => {
  it('creates, describes, lists, changes and deletes secrets', async () => {
    const created = await operator.send(new CreateSecretCommand({ Name: name, SecretString: 'k-1' }));
    expect(await operator.send(new DescribeSecretCommand({ SecretId: name }))).toMatchObject({
      ARN: created.ARN,
      Name: name,
      VersionIdsToStages: { [created.VersionId ?? '']: ['AWSCURRENT'] },
    });
    const put = await operator.send(new PutSecretValueCommand({ SecretId: name, SecretString: 'k-2' }));
    expect(put.VersionId).not.toBe(created.VersionId);
    await operator.send(new UpdateSecretCommand({ SecretId: name, SecretString: 'k-3' }));
    expect((await operator.send(get(name))).SecretString).toBe('k-3');
    expect((await operator.send(new ListSecretsCommand())).SecretList?.map(secret => secret.Name)).toEqual([name]);
    await operator.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    expect((await operator.send(new ListSecretsCommand())).SecretList).toEqual([]);
  });

  it('is refused what cannot be done', async () => {
    secrets.putSecret({ name, value: 'k-1' });
    const again = operator.send(new CreateSecretCommand({ Name: name, SecretString: 'k-2' }));
    await expect(again).rejects.toMatchObject({ name: 'ResourceExistsException' });
    const binary = new PutSecretValueCommand({ SecretId: name, SecretBinary: new Uint8Array([1]) });
    await expect(operator.send(binary)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const badName = operator.send(new CreateSecretCommand({ Name: 'a b', SecretString: 'k' }));
    await expect(badName).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const rotate = operator.send(new RotateSecretCommand({ SecretId: name }));
    await expect(rotate).rejects.toMatchObject({ message: expect.stringContaining('not RotateSecret') });
    expect((await operator.send(get(name))).SecretString).toBe('k-1');
  });

  it('is told of a body that is no JSON', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=k/20260101/r/secretsmanager/aws4_request, SignedHeaders=host, Signature=0';
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { authorization, 'x-amz-date': '20260101T000000Z', 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: '{',
      signal: AbortSignal.timeout(10_000),
    });
    expect([response.status, await response.json()]).toMatchObject([400, { __type: 'SerializationException' }]);
  });
});

describe('a function', () => {
  it('reads the secret that its role names, as the wildcard for the suffix too', async () => {
    const arn = secrets.putSecret({ name, value: 'k-1' });
    for (const resource of [arn, `${prefix}${name}-??????`]) {
      expect((await functionClient(resource).send(get(name))).SecretString).toBe('k-1');
    }
  });

  it('may read no other, and does not learn whether it exists', async () => {
    const arn = secrets.putSecret({ name: 'other', value: 'k-2' });
    const client = functionClient(`${prefix}${name}-??????`);
    await expect(client.send(get('other'))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`embed-function may not secretsmanager:GetSecretValue on ${arn}: `),
    });
    await expect(client.send(get('absent'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(client.send(get(name))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('may read what the secret’s own policy allows it', async () => {
    const arn = secrets.putSecret({ name: 'other', value: 'k-2' });
    const Action = 'secretsmanager:GetSecretValue';
    iam.putResourcePolicy(arn, {
      Statement: [{ Effect: 'Allow', Principal: { AWS: roleArn }, Action, Resource: '*' }],
    });
    expect((await functionClient(`${prefix}${name}-??????`).send(get('other'))).SecretString).toBe('k-2');
  });

  it('may change nothing', async () => {
    const arn = secrets.putSecret({ name, value: 'k-1' });
    const client = functionClient(arn);
    const denied = { name: 'AccessDeniedException' };
    const put = client.send(new PutSecretValueCommand({ SecretId: arn, SecretString: 'x' }));
    await expect(put).rejects.toMatchObject(denied);
    await expect(client.send(new DeleteSecretCommand({ SecretId: arn }))).rejects.toMatchObject(denied);
    await expect(client.send(new ListSecretsCommand())).rejects.toMatchObject(denied);
    expect((await operator.send(get(name))).SecretString).toBe('k-1');
  });
});
