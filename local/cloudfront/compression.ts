/** When CloudFront compresses. @see "Serving compressed files", Amazon CloudFront Developer Guide */
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

const MIN_BYTES = 1_000;
const MAX_BYTES = 10_000_000;
/** Of CloudFront's list, what web pages are made of. */
const COMPRESSED_TYPES = new Set([
  ...['application/javascript', 'application/json', 'application/manifest+json', 'application/wasm', 'application/xml'],
  ...['font/otf', 'font/ttf', 'image/svg+xml', 'text/css', 'text/html', 'text/javascript', 'text/plain', 'text/xml'],
]);
/** Fast rather than small: it is done anew for each request. */
const BROTLI_QUALITY = 4;

export type Coding = 'br' | 'gzip';

/** @returns the coding for a body, or undefined when it goes as it is */
export function codingFor(
  accepted: string | undefined,
  { size, headers }: { readonly size: number; readonly headers: Readonly<Record<string, string>> },
): Coding | undefined {
  if (size < MIN_BYTES || size > MAX_BYTES || headers['content-encoding'] !== undefined) return undefined;
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!COMPRESSED_TYPES.has(type)) return undefined;
  const offered = codingsIn(accepted ?? '');
  if (offered.has('br')) return 'br';
  return offered.has('gzip') ? 'gzip' : undefined;
}

/** Names in an Accept-Encoding header, without those of weight 0. */
function codingsIn(header: string): Set<string> {
  const entries = header.split(',').map(entry =>
    entry
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  return new Set(entries.filter(([, weight]) => !/^q=0(\.0*)?$/.test(weight ?? '')).map(([name = '']) => name));
}

export const compressor = (coding: Coding): Transform =>
  coding === 'gzip'
    ? createGzip()
    : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
