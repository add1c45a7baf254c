import { detectLegacyEncoding, detectUtf16 } from './detect-encoding.ts';

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

/**
 * Decodes text of unknown encoding: by its byte order mark, as UTF-16 without one, as strict UTF-8, by what the document
 * declares, and else by statistics; when most of it is UTF-8, as that, with marks for the broken bytes. Never throws:
 * bytes that mean nothing become U+FFFD.
 * @param declared a label from the document itself, e.g. an HTML meta element
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const mark = byteOrderMarks.find(candidate => candidate.bytes.every((byte, index) => bytes[index] === byte));
  if (mark) return decodeAs(bytes.subarray(mark.bytes.length), mark.encoding);

  const wide = detectUtf16(bytes);
  if (wide) return decodeAs(bytes, wide);

  const strict = decodeStrictly(bytes, 'utf-8');
  if (strict !== undefined) return { text: strict, encoding: 'utf-8' };

  const label = declared && supportedLabel(declared);
  if (label && label !== 'utf-8') return decodeAs(bytes, label);
  return decodeAs(bytes, mostlyUtf8(bytes) ? 'utf-8' : detectLegacyEncoding(bytes));
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
