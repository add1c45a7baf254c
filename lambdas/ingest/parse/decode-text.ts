/** Text and the encoding that it was read as (a WHATWG label). */
export interface DecodedText {
  readonly text: string;
  readonly encoding: string;
}

interface ByteOrderMark {
  readonly encoding: string;
  readonly bytes: readonly number[];
}

const byteOrderMarks: readonly ByteOrderMark[] = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
];

/** How much of a file is looked at to guess UTF-16. */
const sampleBytes = 4_096;

/**
 * Decodes text of unknown encoding: byte order mark, then UTF-16 by the pattern of its NULs, then strict UTF-8, then
 * what the document declares, then the first of `fallbacks` whose bytes all mean something, then Windows-1252 or, when
 * most of it is UTF-8, UTF-8 with marks for the broken bytes. Never throws: bytes that mean nothing become U+FFFD.
 * @param declared a label from the document itself, e.g. an HTML meta element
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const mark = byteOrderMarks.find(candidate => candidate.bytes.every((byte, index) => bytes[index] === byte));
  if (mark) return decodeAs(bytes.subarray(mark.bytes.length), mark.encoding);

  const wide = guessUtf16(bytes);
  if (wide) return decodeAs(bytes, wide);

  const strict = decodeStrictly(bytes, 'utf-8');
  if (strict !== undefined) return { text: strict, encoding: 'utf-8' };

  const label = declared && supportedLabel(declared);
  if (label && label !== 'utf-8') return decodeAs(bytes, label);
  return mostlyUtf8(bytes) ? decodeAs(bytes, 'utf-8') : decodeAs(bytes, 'windows-1252');
}

const decodeAs = (bytes: Uint8Array, encoding: string): DecodedText => ({
  text: new TextDecoder(encoding).decode(bytes),
  encoding,
});

function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // what TextDecoder throws for bytes outside the encoding
    throw error;
  }
}

/** The WHATWG name of a declared label. A declared UTF-16 is UTF-8 in truth, as HTML has it: else it could not be read. */
function supportedLabel(declared: string): string | undefined {
  try {
    const { encoding } = new TextDecoder(declared.trim());
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // an encoding that nobody knows
    throw error;
  }
}

/** UTF-16 without a mark: in text of mostly Latin letters every second byte is NUL, and the others are not. */
function guessUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes.length < 4 || bytes.length % 2 !== 0) return undefined;
  const length = Math.min(bytes.length, sampleBytes) & ~1;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even++;
    if (bytes[index + 1] === 0) odd++;
  }
  const units = length / 2;
  if (odd > units * 0.4 && even < units * 0.02) return 'utf-16le';
  if (even > units * 0.4 && odd < units * 0.02) return 'utf-16be';
  return undefined;
}

/** Whether valid multi-byte sequences outnumber broken ones. */
function mostlyUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 1_000_000));
  let valid = 0;
  let broken = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0xfffd) broken++;
    else if (code >= 0x80) valid++;
  }
  return valid > broken;
}
