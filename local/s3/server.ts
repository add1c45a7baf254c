import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DatabaseSync } from 'node:sqlite';
import {
  AccessDenied,
  type BucketSpec,
  type Exchange,
  type Iam,
  type Log,
  type S3Server,
  type SqsServer,
} from '../contracts.ts';
import { openBodyStore } from './bodies.ts';
import { addressOf, requireExpectedOwner, type S3Call } from './call.ts';
import { openCatalog } from './catalog.ts';
import type { S3Context } from './context.ts';
import { corsHeaders } from './cors.ts';
import { S3Error } from './errors.ts';
import { openUploadCatalog } from './multipart-catalog.ts';
import { openEventOutbox } from './notifications.ts';
import { operationOf } from './operations.ts';
import { replyError } from './reply.ts';
import { readForService } from './service-reads.ts';

export interface S3Options {
  /** Holds the tables `s3_…`; shared with other servers, one process at a time. */
  readonly database: DatabaseSync;
  /** Holds the objects' bytes, and nothing else. */
  readonly directory: string;
  readonly iam: Iam;
  readonly sqs: Pick<SqsServer, 'send'>;
  /** The cloud's address, e.g. `http://127.0.0.1:4566`. */
  readonly url: () => string;
  readonly region: string;
  readonly log: Log;
}

/**
 * S3 on files and SQLite. Buckets exist through `putBucket` only, which is to be called at every start: a bucket's
 * events, also those that a crash left waiting, are sent from then on, when its queues are known to be there.
 */
export function createS3({ database, directory, iam, sqs, url, region, log }: S3Options): S3Server {
  const catalog = openCatalog(database);
  const uploads = openUploadCatalog(database);
  const bodies = openBodyStore(directory);
  const events = openEventOutbox({ database, sqs, region, log });
  const context: S3Context = { catalog, uploads, bodies, events, iam, region, log, url };
  bodies.sweep(name => catalog.hasBody(name) || uploads.hasBody(name));

  return {
    handler: exchange => handle(context, exchange),
    readObject: (caller, bucket, key) => readForService(context, caller, bucket, key),
    putBucket(spec) {
      requireBucketName(spec);
      events.validate(spec, catalog.bucket(spec.name)?.spec);
      catalog.putBucket(spec);
      events.open(spec.name);
      events.drain(spec.name);
    },
    async deleteBucket(name, { force = false } = {}) {
      if (!force && !catalog.isEmpty(name)) {
        throw new Error(`Bucket ${name} still holds objects or versions of them: empty it first.`);
      }
      const released = catalog.transaction(() => {
        events.forget(name);
        return [...uploads.removeAll(name), ...catalog.deleteBucket(name)];
      });
      bodies.remove(released);
    },
  };
}

/** @throws Error for a name that S3 would refuse at deploy */
function requireBucketName({ name }: BucketSpec): void {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..')) return;
  throw new Error(`${name} is no bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens.`);
}

async function handle(context: S3Context, exchange: Exchange): Promise<void> {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  exchange.response.setHeader('x-amz-request-id', requestId);
  exchange.response.setHeader('x-amz-id-2', requestId);
  const call: S3Call = { exchange, requestId, bucket: '', key: '' };
  try {
    await answer(context, { ...call, ...addressOf(exchange) });
  } catch (error) {
    answerError(context, call, error);
  }
  await drain(exchange.request);
}

/** Reads what an operation has left of the body: unread, it would block the connection's next request. */
async function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return;
  try {
    for await (const _ of request.iterator({ destroyOnReturn: false }));
  } catch {
    request.destroy(); // the client has gone, and the connection with it
  }
}

async function answer(context: S3Context, call: S3Call): Promise<void> {
  const rules = context.catalog.bucket(call.bucket)?.spec.cors ?? [];
  for (const [name, value] of Object.entries(corsHeaders(rules, call.exchange))) {
    call.exchange.response.setHeader(name, value);
  }
  requireExpectedOwner(call);
  try {
    await operationOf(call)(context, call);
  } catch (error) {
    answerError(context, call, error);
  }
}

function answerError({ log }: S3Context, call: S3Call, error: unknown): void {
  const { method, path, response, request } = call.exchange;
  if (request.errored || response.destroyed) return; // the client has gone: nobody reads an answer
  const known = knownError(error);
  if (!known) log.line('s3', `${method} ${path} failed: ${error instanceof Error ? error.stack : String(error)}`);
  if (response.headersSent)
    response.destroy(); // a cut connection tells the client that the body is not whole
  else replyError(call, known ?? new S3Error('InternalError', 'We encountered an internal error. Please try again.'));
}

function knownError(error: unknown): S3Error | undefined {
  if (error instanceof S3Error) return error;
  return error instanceof AccessDenied ? new S3Error('AccessDenied', error.message) : undefined;
}
