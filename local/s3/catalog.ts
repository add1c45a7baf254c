import { randomBytes } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { BucketSpec } from '../contracts.ts';
import type { Checksums, ChecksumType } from './checksums.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS s3_buckets (
  name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, versioning TEXT NOT NULL, spec TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS s3_versions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL,
  latest INTEGER NOT NULL, delete_marker INTEGER NOT NULL,
  body TEXT, size INTEGER NOT NULL, etag TEXT NOT NULL, modified_at INTEGER NOT NULL, attributes TEXT NOT NULL,
  UNIQUE (bucket, key, version_id)
) STRICT;
CREATE INDEX IF NOT EXISTS s3_versions_by_key ON s3_versions (bucket, key, seq DESC);
CREATE INDEX IF NOT EXISTS s3_current_by_key ON s3_versions (bucket, key) WHERE latest = 1 AND delete_marker = 0;
CREATE INDEX IF NOT EXISTS s3_versions_by_body ON s3_versions (body) WHERE body IS NOT NULL;
`;

/** The version id of objects in a bucket that is not versioned. */
const NULL_VERSION = 'null';

/** A bucket that was versioned and is so no longer keeps its versions, as S3's suspended state. */
type Versioning = 'Unversioned' | 'Enabled' | 'Suspended';

export interface Bucket {
  readonly name: string;
  /** Milliseconds since 1970, as all times here. */
  readonly createdAt: number;
  readonly versioning: Versioning;
  readonly spec: BucketSpec;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What travels with an object beside its bytes. */
export interface ObjectAttributes {
  /** Content headers that the client gave, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata, names without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly checksums: Checksums;
  readonly checksumType: ChecksumType;
  /** Bytes of each part, in order, of an object that was uploaded in parts. */
  readonly partSizes?: readonly number[];
}

export interface ObjectVersion {
  /** Order of writing: of two versions of a key, the later has the greater. */
  readonly seq: number;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly latest: boolean;
  readonly deleteMarker: boolean;
  /** Name in the body store; a delete marker has none. */
  readonly body: string | undefined;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedAt: number;
  readonly attributes: ObjectAttributes;
}

export type NewVersion = Pick<
  ObjectVersion,
  'bucket' | 'key' | 'deleteMarker' | 'body' | 'size' | 'etag' | 'attributes'
>;

/** Where a listing goes on: after `key` up to the version `beforeSeq`, keys in byte order, newest version first. */
export interface Position {
  readonly key: string;
  readonly beforeSeq: number;
}
/** All versions of `key` and what follows. */
export const from = (key: string): Position => ({ key, beforeSeq: Number.MAX_SAFE_INTEGER });
/** What follows `key`. */
export const after = (key: string): Position => ({ key, beforeSeq: 0 });

/** Objects and buckets in SQLite. Every method is one step; `transaction` joins several. */
export interface Catalog {
  transaction<T>(work: () => T): T;
  bucket(name: string): Bucket | undefined;
  buckets(): Bucket[];
  putBucket(spec: BucketSpec): void;
  /** Removes the bucket with its versions. @returns the bodies that nothing names any more */
  deleteBucket(name: string): string[];
  isEmpty(bucket: string): boolean;
  /** The newest version, which may be a delete marker. */
  latest(bucket: string, key: string): ObjectVersion | undefined;
  version(bucket: string, key: string, versionId: string): ObjectVersion | undefined;
  /**
   * Makes this the newest version. Where the bucket is not versioned it replaces the null version.
   * @returns the new version, and the bodies that nothing names any more
   */
  addVersion(bucket: Bucket, version: NewVersion): { version: ObjectVersion; released: string[] };
  /** @returns the bodies that nothing names any more */
  removeVersion(version: ObjectVersion): string[];
  setAttributes(version: ObjectVersion, attributes: ObjectAttributes): void;
  /** Versions, or current objects only, from `position` on. */
  page(bucket: string, position: Position, limit: number, which: 'versions' | 'objects'): ObjectVersion[];
  hasBody(name: string): boolean;
}

type Row = Record<string, SQLOutputValue>;

/** Joins statements: all happen, or none. The database must not be in a transaction already. */
function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

export function openCatalog(database: DatabaseSync): Catalog {
  database.exec(SCHEMA);
  const pageSql = (filter: string) =>
    database.prepare(`SELECT * FROM s3_versions WHERE bucket = $bucket AND key >= $key
      AND NOT (key = $key AND seq >= $beforeSeq) ${filter} ORDER BY key, seq DESC LIMIT $limit`);
  const sql = {
    bucket: database.prepare('SELECT * FROM s3_buckets WHERE name = ?'),
    buckets: database.prepare('SELECT * FROM s3_buckets ORDER BY name'),
    putBucket:
      database.prepare(`INSERT INTO s3_buckets (name, created_at, versioning, spec) VALUES ($name, $now, $versioning, $spec)
      ON CONFLICT (name) DO UPDATE SET versioning = excluded.versioning, spec = excluded.spec`),
    deleteBucket: database.prepare('DELETE FROM s3_buckets WHERE name = ?'),
    deleteVersions: database.prepare('DELETE FROM s3_versions WHERE bucket = ? RETURNING body'),
    any: database.prepare('SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1'),
    latest: database.prepare('SELECT * FROM s3_versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1'),
    version: database.prepare('SELECT * FROM s3_versions WHERE bucket = ? AND key = ? AND version_id = ?'),
    outdate: database.prepare('UPDATE s3_versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1'),
    promote: database.prepare(`UPDATE s3_versions SET latest = 1 WHERE seq =
      (SELECT max(seq) FROM s3_versions WHERE bucket = ? AND key = ?)`),
    insert: database.prepare(`INSERT INTO s3_versions
      (bucket, key, version_id, latest, delete_marker, body, size, etag, modified_at, attributes)
      VALUES ($bucket, $key, $versionId, 1, $deleteMarker, $body, $size, $etag, $now, $attributes) RETURNING *`),
    remove: database.prepare('DELETE FROM s3_versions WHERE seq = ?'),
    attributes: database.prepare('UPDATE s3_versions SET attributes = ? WHERE seq = ?'),
    body: database.prepare('SELECT 1 FROM s3_versions WHERE body = ?'),
    versions: pageSql(''),
    objects: pageSql('AND latest = 1 AND delete_marker = 0'),
  };

  const catalog: Catalog = {
    transaction: work => inTransaction(database, work),
    bucket: name => optional(sql.bucket.get(name), bucketOf),
    buckets: () => sql.buckets.all().map(bucketOf),
    putBucket(spec) {
      const versioning = nextVersioning(catalog.bucket(spec.name)?.versioning, spec.versioned);
      sql.putBucket.run({ name: spec.name, now: Date.now(), versioning, spec: JSON.stringify(spec) });
    },
    deleteBucket(name) {
      const bodies = sql.deleteVersions.all(name).flatMap(row => (row.body === null ? [] : [String(row.body)]));
      sql.deleteBucket.run(name);
      return bodies;
    },
    isEmpty: bucket => sql.any.get(bucket) === undefined,
    latest: (bucket, key) => optional(sql.latest.get(bucket, key), versionOf),
    version: (bucket, key, versionId) => optional(sql.version.get(bucket, key, versionId), versionOf),
    addVersion(bucket, version) {
      const versionId = bucket.versioning === 'Enabled' ? randomBytes(16).toString('hex') : NULL_VERSION;
      const replaced = catalog.version(version.bucket, version.key, versionId);
      const released = replaced ? catalog.removeVersion(replaced) : [];
      sql.outdate.run(version.bucket, version.key);
      const row = sql.insert.get({
        bucket: version.bucket,
        key: version.key,
        versionId,
        deleteMarker: version.deleteMarker ? 1 : 0,
        body: version.body ?? null,
        size: version.size,
        etag: version.etag,
        now: Date.now(),
        attributes: JSON.stringify(version.attributes),
      });
      if (row === undefined) throw new Error('SQLite returned no row for an inserted version');
      return { version: versionOf(row), released };
    },
    removeVersion(version) {
      sql.remove.run(version.seq);
      sql.promote.run(version.bucket, version.key);
      return version.body === undefined ? [] : [version.body];
    },
    setAttributes: (version, attributes) => {
      sql.attributes.run(JSON.stringify(attributes), version.seq);
    },
    page: (bucket, { key, beforeSeq }, limit, which) =>
      sql[which].all({ bucket, key, beforeSeq, limit }).map(versionOf),
    hasBody: name => sql.body.get(name) !== undefined,
  };
  return catalog;
}

function nextVersioning(current: Versioning | undefined, versioned: boolean): Versioning {
  if (versioned) return 'Enabled';
  return current === undefined || current === 'Unversioned' ? 'Unversioned' : 'Suspended';
}

const optional = <T>(row: Row | undefined, read: (row: Row) => T): T | undefined =>
  row === undefined ? undefined : read(row);

const bucketOf = (row: Row): Bucket => ({
  name: String(row.name),
  createdAt: Number(row.created_at),
  versioning: String(row.versioning) as Versioning, // written by `putBucket` only
  spec: JSON.parse(String(row.spec)),
});

const versionOf = (row: Row): ObjectVersion => ({
  seq: Number(row.seq),
  bucket: String(row.bucket),
  key: String(row.key),
  versionId: String(row.version_id),
  latest: row.latest === 1,
  deleteMarker: row.delete_marker === 1,
  body: row.body === null ? undefined : String(row.body),
  size: Number(row.size),
  etag: String(row.etag),
  modifiedAt: Number(row.modified_at),
  attributes: JSON.parse(String(row.attributes)),
});
