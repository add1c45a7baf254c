import { createHash } from 'node:crypto';
import type { DocumentBucket } from '../../lambdas/ports.ts';

interface StoredObject {
  readonly s3VersionId: string;
  /** Absent in a delete marker. */
  readonly bytes?: Uint8Array;
}

/** A versioned bucket in memory. Links are not signed. */
export function inMemoryDocumentBucket() {
  /** Versions of each key, oldest first. */
  const objects = new Map<string, StoredObject[]>();
  let versionCount = 0;

  const add = (key: string, bytes?: Uint8Array): string => {
    versionCount += 1;
    const s3VersionId = `v${versionCount}`;
    objects.set(key, [...(objects.get(key) ?? []), { s3VersionId, ...(bytes && { bytes }) }]);
    return s3VersionId;
  };
  const find = (key: string, s3VersionId?: string): (StoredObject & { bytes: Uint8Array }) | undefined => {
    const versions = objects.get(key) ?? [];
    const found = s3VersionId ? versions.find(version => version.s3VersionId === s3VersionId) : versions.at(-1);
    return found?.bytes && { s3VersionId: found.s3VersionId, bytes: found.bytes };
  };

  const bucket: DocumentBucket = {
    async list(prefix, { limit, cursor = '' }) {
      const found = [...objects.keys()].filter(key => key.startsWith(prefix) && find(key)).sort(byBytes);
      const rest = found.filter(key => byBytes(key, cursor) > 0);
      const page = rest.slice(0, limit).map(key => {
        const bytes = find(key)?.bytes ?? new Uint8Array();
        return { key, eTag: eTagOf(bytes), size: bytes.length };
      });
      const last = page.at(-1);
      return { objects: page, ...(rest.length > limit && last && { cursor: last.key }) };
    },
    async head(key, s3VersionId) {
      const found = find(key, s3VersionId);
      return found && { eTag: eTagOf(found.bytes), size: found.bytes.length, s3VersionId: found.s3VersionId };
    },
    read: async (key, s3VersionId) => find(key, s3VersionId)?.bytes,
    versions: async (key, limit) =>
      (objects.get(key) ?? [])
        .toReversed()
        .flatMap(({ bytes, s3VersionId }) => (bytes ? [s3VersionId] : []))
        .slice(0, limit),
    async open(key, s3VersionId) {
      const bytes = find(key, s3VersionId)?.bytes;
      return bytes && { size: bytes.length, pieces: inPieces(bytes) };
    },
    presignGet: async (key, s3VersionId, expiresSeconds) =>
      `https://bucket.test/${encodeURIComponent(key)}?versionId=${s3VersionId ?? ''}&expires=${expiresSeconds}`,
    presignPost: async (key, { maxBytes, expiresSeconds }) => ({
      url: 'https://bucket.test/',
      fields: { key, maxBytes: String(maxBytes), expires: String(expiresSeconds) },
    }),
    async copy({ key, s3VersionId }, targetKey, targetETag) {
      const target = find(targetKey);
      if ((target && eTagOf(target.bytes)) !== targetETag) return 'changed';
      const source = find(key, s3VersionId);
      return source ? { s3VersionId: add(targetKey, source.bytes) } : 'absent';
    },
    async write(key, content) {
      add(key, Buffer.from(content));
      return { eTag: eTagOf(Buffer.from(content)) };
    },
    async writeOnto(targetETag, key, content) {
      const target = find(key);
      if ((target && eTagOf(target.bytes)) !== targetETag) return 'changed';
      add(key, Buffer.from(content));
      return { eTag: eTagOf(Buffer.from(content)) };
    },
    async removeIf(key, eTag) {
      const found = find(key);
      if (!found || eTagOf(found.bytes) !== eTag) return false;
      add(key);
      return true;
    },
    async remove(key) {
      add(key);
    },
  };
  return {
    ...bucket,
    /** @returns the new version's id */
    put: (key: string, content: string | Uint8Array) => add(key, Buffer.from(content)),
    /** Adds a delete marker. @returns its version id */
    mark: (key: string) => add(key),
    /** Deletes one version for good. */
    erase(key: string, s3VersionId: string) {
      objects.set(
        key,
        (objects.get(key) ?? []).filter(version => version.s3VersionId !== s3VersionId),
      );
    },
    /** Ids of all versions of a key, delete markers too, oldest first. */
    versionIds: (key: string) => (objects.get(key) ?? []).map(({ s3VersionId }) => s3VersionId),
  };
}

async function* inPieces(bytes: Uint8Array, pieceBytes = 4): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

export const eTagOf = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
