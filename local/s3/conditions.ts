import { headerOf, type S3Call } from './call.ts';
import type { ObjectVersion } from './catalog.ts';
import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './errors.ts';
import { httpDate, quoted } from './reply.ts';

type Stored = Pick<ObjectVersion, 'etag' | 'modifiedAt'>;

/** The header names of one set of conditions: on the object itself, or on the source of a copy. */
interface ConditionNames {
  readonly match: string;
  readonly noneMatch: string;
  readonly modifiedSince: string;
  readonly unmodifiedSince: string;
}
const READ: ConditionNames = {
  match: 'if-match',
  noneMatch: 'if-none-match',
  modifiedSince: 'if-modified-since',
  unmodifiedSince: 'if-unmodified-since',
};
const COPY_SOURCE: ConditionNames = {
  match: 'x-amz-copy-source-if-match',
  noneMatch: 'x-amz-copy-source-if-none-match',
  modifiedSince: 'x-amz-copy-source-if-modified-since',
  unmodifiedSince: 'x-amz-copy-source-if-unmodified-since',
};

/** @throws S3Error PreconditionFailed, or NotModified which has no body */
export function checkReadConditions(call: S3Call, stored: Stored): void {
  requireUnchanged(call, stored, READ);
  if (!isUnmodified(call, stored, READ)) return;
  const headers = { etag: quoted(stored.etag), 'last-modified': httpDate(stored.modifiedAt) };
  throw new S3Error('NotModified', 'Not Modified', { headers });
}

/** @throws S3Error PreconditionFailed */
export function checkCopySourceConditions(call: S3Call, stored: Stored): void {
  requireUnchanged(call, stored, COPY_SOURCE);
  if (isUnmodified(call, stored, COPY_SOURCE)) throw preconditionFailed(COPY_SOURCE.noneMatch);
}

/** An ETag that matches outweighs a date, as RFC 9110, section 13.2.2 has it. */
function requireUnchanged(call: S3Call, stored: Stored, names: ConditionNames): void {
  const match = headerOf(call, names.match);
  if (match !== undefined) {
    if (!listsEtag(match, stored.etag)) throw preconditionFailed('If-Match');
    return;
  }
  const unmodifiedSince = dateOf(headerOf(call, names.unmodifiedSince));
  if (unmodifiedSince !== undefined && seconds(stored.modifiedAt) > seconds(unmodifiedSince)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
}

function isUnmodified(call: S3Call, stored: Stored, names: ConditionNames): boolean {
  const noneMatch = headerOf(call, names.noneMatch);
  if (noneMatch !== undefined) return listsEtag(noneMatch, stored.etag);
  const modifiedSince = dateOf(headerOf(call, names.modifiedSince));
  return modifiedSince !== undefined && seconds(stored.modifiedAt) <= seconds(modifiedSince);
}

const listsEtag = (header: string, etag: string) =>
  header.split(',').some(entry => {
    const value = entry.trim().replace(/^W\//, '');
    return value === '*' || value.replaceAll('"', '') === etag;
  });

/** HTTP dates count whole seconds. */
const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);

/** A date that cannot be read is ignored, as HTTP demands. */
function dateOf(header: string | undefined): number | undefined {
  const milliseconds = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** Conditions on what a write replaces. */
export interface WriteCondition {
  /** Nothing may be there. */
  readonly absent: boolean;
  /** An object with this ETag, or any for `*`, must be there. */
  readonly etag?: string;
}

/** @throws S3Error NotImplemented for an If-None-Match other than `*`, as S3 does */
export function writeConditionOf(call: S3Call): WriteCondition {
  const noneMatch = headerOf(call, 'if-none-match');
  if (noneMatch !== undefined && noneMatch.trim() !== '*')
    throw notImplemented('If-None-Match with an ETag on a write');
  return { absent: noneMatch !== undefined, etag: headerOf(call, 'if-match') };
}

/** @param current the object there now; a delete marker counts as none @throws S3Error PreconditionFailed or NoSuchKey */
export function checkWriteCondition(
  { absent, etag }: WriteCondition,
  key: string,
  current: Pick<ObjectVersion, 'etag' | 'deleteMarker'> | undefined,
): void {
  const existing = current?.deleteMarker ? undefined : current;
  if (absent && existing) throw preconditionFailed('If-None-Match');
  if (etag === undefined) return;
  if (!existing) throw noSuchKey(key);
  if (!listsEtag(etag, existing.etag)) throw preconditionFailed('If-Match');
}
