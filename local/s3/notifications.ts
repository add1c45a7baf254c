import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { BucketSpec, Caller, Log, S3Notification, SqsServer } from '../contracts.ts';
import { bucketArn, type S3Call } from './call.ts';
import type { Bucket, ObjectVersion } from './catalog.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS s3_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT NOT NULL, queue_arn TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS s3_sequencer (one INTEGER PRIMARY KEY CHECK (one = 1), last TEXT NOT NULL) STRICT;
`;

const EVENT_NAMES = [
  'ObjectCreated:Put',
  'ObjectCreated:Post',
  'ObjectCreated:Copy',
  'ObjectCreated:CompleteMultipartUpload',
  'ObjectRemoved:Delete',
  'ObjectRemoved:DeleteMarkerCreated',
] as const;
export type ObjectEventName = (typeof EVENT_NAMES)[number];

/**
 * Events waiting for their queues. They are recorded in the transaction that changes the object, and sent after it, so
 * that a crash in between neither loses an event nor announces what did not happen.
 */
export interface EventOutbox {
  /** To be called inside the transaction of the change. */
  record(bucket: Bucket, event: ObjectEventName, version: ObjectVersion, call: S3Call): void;
  /** Sends what is recorded for the bucket, oldest first. A queue that refuses is logged, and its event dropped. */
  drain(bucket: string): void;
  /** A bucket's events wait until its destinations are known to exist in this process. */
  open(bucket: string): void;
  forget(bucket: string): void;
  /**
   * Sends the test event to the destinations that `current` does not have.
   * @throws Error when one cannot be sent to, or wants events that do not exist here
   */
  validate(spec: BucketSpec, current: BucketSpec | undefined): void;
}

interface Deps {
  readonly database: DatabaseSync;
  readonly sqs: Pick<SqsServer, 'send'>;
  readonly region: string;
  readonly log: Log;
}

export function openEventOutbox({ database, sqs, region, log }: Deps): EventOutbox {
  database.exec(SCHEMA);
  const sql = {
    insert: database.prepare('INSERT INTO s3_events (bucket, queue_arn, body) VALUES (?, ?, ?)'),
    pending: database.prepare('SELECT id, queue_arn, body FROM s3_events WHERE bucket = ? ORDER BY id LIMIT 100'),
    remove: database.prepare('DELETE FROM s3_events WHERE id = ?'),
    forget: database.prepare('DELETE FROM s3_events WHERE bucket = ?'),
    sequencer: database.prepare('SELECT last FROM s3_sequencer'),
    setSequencer: database.prepare(
      'INSERT INTO s3_sequencer (one, last) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET last = excluded.last',
    ),
  };
  const opened = new Set<string>();

  const nextSequencer = () => {
    const last = sql.sequencer.get()?.last;
    const next = sequencerAfter(last === undefined ? undefined : String(last), Date.now());
    sql.setSequencer.run(next);
    return next;
  };

  const deliver = (bucket: string, queueArn: string, body: string) => {
    try {
      sqs.send(serviceCaller(bucket), queueArn, body);
    } catch (error) {
      // S3 does not retry a destination that refuses it, and the object stays written: only the person can mend this.
      log.line('s3', `event of bucket ${bucket} lost, ${queueArn} does not take it: ${messageOf(error)}`);
    }
  };

  return {
    record(bucket, event, version, call) {
      const matching = bucket.spec.notifications.filter(notification => matches(notification, event, version.key));
      if (matching.length === 0) return;
      const sequencer = nextSequencer();
      for (const notification of matching) {
        const record = eventRecord({ notification, event, version, call, region, sequencer, bucket });
        sql.insert.run(bucket.name, notification.queueArn, JSON.stringify({ Records: [record] }));
      }
    },
    drain(bucket) {
      if (!opened.has(bucket)) return;
      for (let pending = sql.pending.all(bucket); pending.length > 0; pending = sql.pending.all(bucket)) {
        for (const { id, queue_arn, body } of pending) {
          deliver(bucket, String(queue_arn), String(body));
          sql.remove.run(Number(id));
        }
      }
    },
    open: bucket => {
      opened.add(bucket);
    },
    forget(bucket) {
      opened.delete(bucket);
      sql.forget.run(bucket);
    },
    validate(spec, current) {
      for (const pattern of spec.notifications.flatMap(({ events }) => events)) requireKnownEvent(pattern);
      const known = new Set(current?.notifications.map(configurationId));
      for (const notification of spec.notifications) {
        if (!known.has(configurationId(notification))) sendTestEvent(sqs, spec.name, notification.queueArn);
      }
    },
  };
}

const serviceCaller = (bucket: string): Caller => ({
  kind: 'service',
  principal: 's3.amazonaws.com',
  sourceArn: bucketArn(bucket),
});

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function sendTestEvent(sqs: Pick<SqsServer, 'send'>, bucket: string, queueArn: string): void {
  const body = {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date().toISOString(),
    Bucket: bucket,
    RequestId: createHash('md5').update(`${bucket}${Date.now()}`).digest('hex').slice(0, 16).toUpperCase(),
    HostId: 'local',
  };
  try {
    sqs.send(serviceCaller(bucket), queueArn, JSON.stringify(body));
  } catch (cause) {
    throw new Error(
      `Unable to validate the following destination configurations: bucket ${bucket} cannot send to ${queueArn}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** @throws Error for events that would never come */
function requireKnownEvent(pattern: string): void {
  if (EVENT_NAMES.some(event => matchesEvent(pattern, event))) return;
  throw new Error(`The local cloud's S3 does not send ${pattern}. It sends: ${EVENT_NAMES.join(', ')}.`);
}

const matchesEvent = (pattern: string, event: ObjectEventName) =>
  pattern === `s3:${event}` || pattern === `s3:${event.slice(0, event.indexOf(':'))}:*`;

function matches(notification: S3Notification, event: ObjectEventName, key: string): boolean {
  const wanted = notification.events.some(pattern => matchesEvent(pattern, event));
  return wanted && key.startsWith(notification.prefix ?? '') && key.endsWith(notification.suffix ?? '');
}

/** Stands for the id that the notification was not given one. The same configuration has the same id for ever. */
const configurationId = ({ queueArn, events, prefix = '', suffix = '' }: S3Notification) =>
  createHash('sha256')
    .update(JSON.stringify([queueArn, events, prefix, suffix]))
    .digest('base64url')
    .slice(0, 48);

/**
 * A sequencer greater than `last`: a leading zero byte, seconds since 1970 and their fraction, 18 hexadecimal digits.
 * The length is always the same, so that padding on either side, or none, compares alike.
 * @param now milliseconds since 1970; a clock that goes back does no harm
 */
export function sequencerAfter(last: string | undefined, now: number): string {
  const seconds = BigInt(Math.floor(now / 1000));
  const fraction = (BigInt(now % 1000) << 32n) / 1000n;
  const byClock = (seconds << 32n) | fraction;
  const byLast = last === undefined ? 0n : BigInt(`0x${last}`) + 1n;
  const next = byClock > byLast ? byClock : byLast;
  return next.toString(16).toUpperCase().padStart(18, '0');
}

/** As in S3's events: form encoding, a space as `+`, with slashes left as they are. */
export const encodeEventKey = (key: string) =>
  encodeURIComponent(key)
    .replace(/[!'()~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');

interface EventParts {
  readonly notification: S3Notification;
  readonly event: ObjectEventName;
  readonly version: ObjectVersion;
  readonly bucket: Bucket;
  readonly call: S3Call;
  readonly region: string;
  readonly sequencer: string;
}

/** @see "Event message structure" in the S3 user guide, version 2.1 */
function eventRecord({ notification, event, version, bucket, call, region, sequencer }: EventParts) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date().toISOString(),
    eventName: event,
    userIdentity: { principalId: principalOf(call.exchange.caller) },
    requestParameters: { sourceIPAddress: call.exchange.request.socket.remoteAddress ?? '127.0.0.1' },
    responseElements: { 'x-amz-request-id': call.requestId, 'x-amz-id-2': call.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: configurationId(notification),
      bucket: { name: bucket.name, ownerIdentity: { principalId: 'LOCAL' }, arn: bucketArn(bucket.name) },
      object: {
        key: encodeEventKey(version.key),
        ...describeObject(event, version),
        ...(bucket.versioning === 'Unversioned' ? {} : { versionId: version.versionId }),
        sequencer,
      },
    },
  };
}

function describeObject(event: ObjectEventName, { size, etag }: ObjectVersion) {
  if (event === 'ObjectRemoved:Delete') return {};
  if (event === 'ObjectRemoved:DeleteMarkerCreated') return { eTag: etag };
  return { size, eTag: etag };
}

const principalOf = (caller: Caller) => ('accessKeyId' in caller ? `AWS:${caller.accessKeyId}` : 'Anonymous');
