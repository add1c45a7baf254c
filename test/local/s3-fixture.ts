import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import {
  AccessDenied,
  type BucketSpec,
  type Credentials,
  type Iam,
  type PolicyDocument,
  type PolicyStatement,
  type SqsServer,
} from '../../local/contracts.ts';
import { startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createS3 } from '../../local/s3/server.ts';

export const region = 'eu-central-1';
export const QUEUE = `arn:aws:sqs:${region}:000000000000:uploads`;
const OPERATOR: Omit<Credentials, 'sessionToken'> = { accessKeyId: 'test', secretAccessKey: 'test' };

const LAMBDA_TRUST: PolicyDocument = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

interface SentMessage {
  readonly queueArn: string;
  readonly sourceArn?: string;
  // Messages are JSON of S3's event shapes; a wrong shape fails the assertion that reads it.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export const bucketSpec = (name: string, spec: Partial<BucketSpec> = {}): BucketSpec => ({
  name,
  versioned: false,
  notifications: [],
  cors: [],
  ...spec,
});

interface FixtureOptions {
  /** State of an earlier server; a new folder by default. */
  readonly directory?: string;
  /** Other queues than the fixture's own, which keep what they are sent. */
  readonly makeSqs?: (deps: { database: DatabaseSync; iam: Iam }) => Pick<SqsServer, 'send'>;
}

/** An S3 server behind the real gateway, identity and IAM. */
export async function startS3({ directory = mkdtempSync(join(tmpdir(), 's3-test-')), makeSqs }: FixtureOptions = {}) {
  const lines: string[] = [];
  const log = { line: (source: string, text: string) => void lines.push(`${source}: ${text}`) };
  const iam = createIam();
  const sent: SentMessage[] = [];
  const refusing = new Set<string>();
  const recording: Pick<SqsServer, 'send'> = {
    send(caller, queueArn, body) {
      if (refusing.has(queueArn)) throw new AccessDenied(`the policy of ${queueArn} does not allow it`);
      const sourceArn = caller.kind === 'service' ? caller.sourceArn : undefined;
      sent.push({ queueArn, sourceArn, body: JSON.parse(body) });
    },
  };
  const database = new DatabaseSync(join(directory, 'state.db'));
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  const sqs = makeSqs?.({ database, iam }) ?? recording;
  let url = '';
  const s3 = createS3({ database, directory: join(directory, 's3'), iam, sqs, url: () => url, region, log });
  const gateway = await startGateway({ port: 0, routes: { s3: s3.handler }, identify: createIdentify({ iam }), log });
  url = gateway.url;

  const clients: S3Client[] = [];
  const client = (config: S3ClientConfig = {}) => {
    const made = new S3Client({
      endpoint: url,
      region,
      credentials: OPERATOR,
      forcePathStyle: true,
      maxAttempts: 1,
      ...config,
    });
    clients.push(made);
    return made;
  };

  return {
    url,
    directory,
    database,
    s3,
    iam,
    sent,
    lines,
    refusing,
    client,
    /** Object events so far, without test events. */
    events: () => sent.flatMap(({ body }) => body.Records ?? []),
    /** Credentials of a function whose role has just these statements. */
    role(name: string, statements: readonly PolicyStatement[]): Credentials {
      const arn = `arn:aws:iam::000000000000:role/${name}`;
      iam.putRole({ arn, name, trust: LAMBDA_TRUST, policies: [{ Statement: statements }] });
      return iam.issueCredentials(arn, name);
    },
    /** Stops the server and leaves its state, as a restart does. */
    async stop() {
      for (const made of clients) made.destroy();
      await gateway.close();
      database.close();
    },
    async close() {
      await this.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

export type TestS3 = Awaited<ReturnType<typeof startS3>>;

/** A raw request as the operator, for what SDK clients do not send. */
export function rawRequest(
  { url }: TestS3,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
) {
  const authorization =
    'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0';
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const signed = { authorization, 'x-amz-date': '20260101T000000Z', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const sent = request(url, { method, path, headers: { ...signed, ...headers }, timeout: 10_000 }, async response => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) });
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 10 s')));
    sent.on('error', reject);
    sent.end(Buffer.from(body)); // a string would change how node encodes the headers
  });
}

/** The files that hold objects' and parts' bytes, and what is half written. */
export const storedBodies = ({ directory }: TestS3): string[] =>
  readdirSync(join(directory, 's3'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => name)
    .sort();

/** The error that a call ends with, as S3 names it. */
export async function errorOf(
  call: Promise<unknown>,
): Promise<{ name: string; status: number | undefined; message: string }> {
  try {
    await call;
  } catch (error) {
    // Errors of the SDK carry the service's code as their name, and the HTTP status in `$metadata`.
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    return { name, message, status: $metadata?.httpStatusCode };
  }
  throw new Error('The call was expected to fail, but succeeded.');
}
