/**
 * A piece of an RTF file. `parameter` is the number behind a control word; `bytes` are plain text, or one of
 * `\'hh`. */
export type RtfToken =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'word'; readonly name: string; readonly parameter: number | undefined }
  | { readonly type: 'symbol'; readonly name: string }
  | { readonly type: 'text'; readonly bytes: Uint8Array };

const [open, close, backslash, quote] = [0x7b, 0x7d, 0x5c, 0x27];

/** Splits RTF into tokens. Line breaks of the file mean nothing, and binary data is jumped over. */
export function* rtfTokens(bytes: Uint8Array): Generator<RtfToken> {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash) {
      const { token, next } = escaped(bytes, at + 1);
      if (token) yield token;
      at = next;
      continue;
    }
    if (byte === open) yield { type: 'open' };
    else if (byte === close) yield { type: 'close' };
    const end = endOfText(bytes, at);
    if (end > at) yield { type: 'text', bytes: bytes.subarray(at, end) };
    at = Math.max(end, at + 1);
  }
}

/** Up to the next byte that means something else, or nothing. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && !isMark(bytes[at] ?? 0)) at++;
  return at;
}

const isMark = (byte: number) =>
  byte === backslash || byte === open || byte === close || byte === 10 || byte === 13 || byte === 0;

/** What a backslash introduces. @param at behind it */
function escaped(bytes: Uint8Array, at: number): { token?: RtfToken; next: number } {
  if (isLetter(bytes[at])) {
    const { token, next } = controlWord(bytes, at);
    const binary = token.name === 'bin' ? Math.max(token.parameter ?? 0, 0) : 0;
    return { token, next: next + binary };
  }
  if (bytes[at] !== quote)
    return { token: { type: 'symbol', name: String.fromCharCode(bytes[at] ?? 0) }, next: at + 1 };
  const byte = Number.parseInt(String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0), 16);
  return Number.isInteger(byte)
    ? { token: { type: 'text', bytes: Uint8Array.of(byte) }, next: at + 3 }
    : { next: at + 3 };
}

/** @param at where its name begins; a space behind it belongs to it */
function controlWord(bytes: Uint8Array, at: number) {
  let end = at;
  while (isLetter(bytes[end]) && end - at < 32) end++;
  const name = String.fromCharCode(...bytes.subarray(at, end));
  const from = end;
  if (bytes[end] === 0x2d) end++;
  while (isDigit(bytes[end]) && end - from < 11) end++;
  const digits = String.fromCharCode(...bytes.subarray(from, end));
  const parameter = /\d/.test(digits) ? Number(digits) : undefined;
  return { token: { type: 'word' as const, name, parameter }, next: bytes[end] === 0x20 ? end + 1 : end };
}

const isLetter = (byte = 0) => (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a);
const isDigit = (byte = 0) => byte >= 0x30 && byte <= 0x39;
