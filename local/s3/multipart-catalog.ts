import { randomBytes } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Tag } from './catalog.ts';
import type { ChecksumAlgorithm, Checksums, ChecksumType } from './checksums.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS s3_uploads (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, upload_id TEXT NOT NULL UNIQUE,
  bucket TEXT NOT NULL, key TEXT NOT NULL, initiated_at INTEGER NOT NULL, options TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS s3_uploads_by_key ON s3_uploads (bucket, key, seq);
CREATE TABLE IF NOT EXISTS s3_parts (
  upload_id TEXT NOT NULL, part_number INTEGER NOT NULL,
  body TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified_at INTEGER NOT NULL, checksums TEXT NOT NULL,
  PRIMARY KEY (upload_id, part_number)
) STRICT;
CREATE INDEX IF NOT EXISTS s3_parts_by_body ON s3_parts (body);
`;

/** What was said when the upload was created, and goes to the object when it is completed. */
interface UploadOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType: ChecksumType;
}

export interface Upload {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiatedAt: number;
  readonly options: UploadOptions;
}

export interface Part {
  /** 1 to 10,000 */
  readonly number: number;
  readonly body: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedAt: number;
  readonly checksums: Checksums;
}

/** Uploads in progress. Every method is one step; join several in a transaction of the catalog. */
export interface UploadCatalog {
  create(bucket: string, key: string, options: UploadOptions): Upload;
  find(uploadId: string): Upload | undefined;
  /** Uploads of a bucket after one, under a prefix, by key, then by age. */
  page(bucket: string, after: { key: string; uploadId: string }, prefix: string, limit: number): Upload[];
  /** @returns the body that the part's earlier upload leaves behind */
  putPart(uploadId: string, part: Omit<Part, 'modifiedAt'>): { part: Part; released: string[] };
  parts(uploadId: string, afterNumber: number, limit: number): Part[];
  /** Removes the upload with its parts. @returns their bodies */
  remove(uploadId: string): string[];
  /** @returns the bodies of their parts */
  removeAll(bucket: string): string[];
  hasBody(name: string): boolean;
}

export function openUploadCatalog(database: DatabaseSync): UploadCatalog {
  database.exec(SCHEMA);
  const sql = {
    create: database.prepare(
      'INSERT INTO s3_uploads (upload_id, bucket, key, initiated_at, options) VALUES (?, ?, ?, ?, ?) RETURNING *',
    ),
    find: database.prepare('SELECT * FROM s3_uploads WHERE upload_id = ?'),
    page: database.prepare(`SELECT * FROM s3_uploads WHERE bucket = $bucket AND key >= $key
      AND substr(key, 1, length($prefix)) = $prefix AND NOT (key = $key AND seq <= coalesce((SELECT seq FROM s3_uploads WHERE upload_id = $uploadId), $max))
      ORDER BY key, seq LIMIT $limit`),
    ofBucket: database.prepare('SELECT * FROM s3_uploads WHERE bucket = ?'),
    remove: database.prepare('DELETE FROM s3_uploads WHERE upload_id = ?'),
    part: database.prepare('SELECT * FROM s3_parts WHERE upload_id = ? AND part_number = ?'),
    putPart: database.prepare(`INSERT OR REPLACE INTO s3_parts
      (upload_id, part_number, body, size, etag, modified_at, checksums) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING *`),
    parts: database.prepare(
      'SELECT * FROM s3_parts WHERE upload_id = ? AND part_number > ? ORDER BY part_number LIMIT ?',
    ),
    removeParts: database.prepare('DELETE FROM s3_parts WHERE upload_id = ? RETURNING body'),
    body: database.prepare('SELECT 1 FROM s3_parts WHERE body = ?'),
  };

  const uploads: UploadCatalog = {
    create(bucket, key, options) {
      const uploadId = randomBytes(24).toString('hex');
      return uploadOf(inserted(sql.create.get(uploadId, bucket, key, Date.now(), JSON.stringify(options))));
    },
    find(uploadId) {
      const row = sql.find.get(uploadId);
      return row && uploadOf(row);
    },
    page: (bucket, { key, uploadId }, prefix, limit) =>
      sql.page.all({ bucket, key, uploadId, prefix, limit, max: Number.MAX_SAFE_INTEGER }).map(uploadOf),
    putPart(uploadId, { number, body, size, etag, checksums }) {
      const replaced = sql.part.get(uploadId, number);
      const row = sql.putPart.get(uploadId, number, body, size, etag, Date.now(), JSON.stringify(checksums));
      return { part: partOf(inserted(row)), released: replaced ? [partOf(replaced).body] : [] };
    },
    parts: (uploadId, afterNumber, limit) => sql.parts.all(uploadId, afterNumber, limit).map(partOf),
    remove(uploadId) {
      sql.remove.run(uploadId);
      return sql.removeParts.all(uploadId).map(row => String(row.body));
    },
    removeAll: bucket => sql.ofBucket.all(bucket).flatMap(row => uploads.remove(String(row.upload_id))),
    hasBody: name => sql.body.get(name) !== undefined,
  };
  return uploads;
}

type Row = Record<string, SQLOutputValue>;

function inserted(row: Row | undefined): Row {
  if (row === undefined) throw new Error('SQLite returned no row for an inserted one');
  return row;
}

const uploadOf = (row: Row): Upload => ({
  uploadId: String(row.upload_id),
  bucket: String(row.bucket),
  key: String(row.key),
  initiatedAt: Number(row.initiated_at),
  options: JSON.parse(String(row.options)),
});

const partOf = (row: Row): Part => ({
  number: Number(row.part_number),
  body: String(row.body),
  size: Number(row.size),
  etag: String(row.etag),
  modifiedAt: Number(row.modified_at),
  checksums: JSON.parse(String(row.checksums)),
});
