/** Conditional requests and ranges. @see RFC 9110, sections 13 and 14 */
import type { IncomingHttpHeaders } from 'node:http';
import type { StoredObject } from '../contracts.ts';

type Validated = Pick<StoredObject, 'etag' | 'modifiedAt' | 'size'>;

/** Bytes of a body; `end` is inclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Whether what the viewer has is still right: by its ETag, weak or strong, or else by its date. */
export function isUnchanged(headers: IncomingHttpHeaders, { etag, modifiedAt }: Validated): boolean {
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined) return noneMatch.split(',').some(entry => isEtag(entry, etag));
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return wholeSeconds(modifiedAt) <= since;
}

function isEtag(entry: string, etag: string): boolean {
  const value = entry.trim();
  return value === '*' || value.replace(/^W\//, '') === `"${etag}"`;
}

/** HTTP dates count whole seconds. */
const wholeSeconds = (milliseconds: number) => Math.floor(milliseconds / 1000) * 1000;

/** @returns undefined for the whole: without a range, for several, and when the body has changed since `If-Range` */
export function rangeOf(
  headers: IncomingHttpHeaders,
  { etag, modifiedAt, size }: Validated,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range?.trim() ?? '') ?? [];
  if (first + last === '') return undefined;
  const condition = headers['if-range'];
  const isSame =
    condition === undefined || condition === `"${etag}"` || Date.parse(String(condition)) === wholeSeconds(modifiedAt);
  if (!isSame) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start > end ? 'unsatisfiable' : { start, end };
}
