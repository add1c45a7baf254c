import { analyse } from 'chardet';
import { detectDoubleByte } from './double-byte.ts';

/** How much of a file is looked at, apart from the check for UTF-8. */
const sampleBytes = 16 * 1024;

/** UTF-16 without a mark. @returns undefined when the bytes are none */
export function detectUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const sample = bytes.subarray(0, Math.min(bytes.length, 4_096) & ~1);
  if (sample.length < 4 || bytes.length % 2 !== 0) return undefined;
  const { nuls, printable } = countKinds(sample);
  const units = sample.length / 2;
  if (nuls.odd > units * 0.4 && nuls.even < units * 0.02) return 'utf-16le';
  if (nuls.even > units * 0.4 && nuls.odd < units * 0.02) return 'utf-16be';
  return printable < sample.length * 0.75 ? detectWideScript(sample) : undefined;
}

/**
 * Of scripts other than Latin, whose upper bytes are not 0: those of space, line break, digits and punctuation are all
 * the same, control characters as bytes that no text in single bytes holds.
 */
function detectWideScript(sample: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (!sample.some(isControl)) return undefined;
  const little = plausibleShare(sample, 'utf-16le');
  const big = plausibleShare(sample, 'utf-16be');
  if (Math.max(little, big) < 0.97 || Math.abs(little - big) < 0.05) return undefined;
  return little > big ? 'utf-16le' : 'utf-16be';
}

function countKinds(bytes: Uint8Array) {
  const nuls = { even: 0, odd: 0 };
  let printable = 0;
  bytes.forEach((byte, index) => {
    if (byte === 0) nuls[index % 2 === 0 ? 'even' : 'odd']++;
    else if (!isControl(byte) && byte < 0x7f) printable++;
  });
  return { nuls, printable };
}

const isControl = (byte: number) => byte < 0x20 && !(byte >= 9 && byte <= 13) && byte !== 0x1b;

/** Scripts in use and their punctuation. Read with its bytes swapped, hardly any text stays within them. */
const plausible =
  /[\n\r\t -~\u00a0-\u024f\u0370-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u2010-\u2030\u20ac\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uff9f]/g;

function plausibleShare(sample: Uint8Array, encoding: string): number {
  const text = new TextDecoder(encoding).decode(sample);
  return (text.match(plausible)?.length ?? 0) / text.length;
}

/** Encodings that `TextDecoder` knows by another name, or whose Windows form holds more. */
const labels: Readonly<Record<string, string>> = {
  'ISO-8859-2': 'iso-8859-2',
  'ISO-8859-5': 'iso-8859-5',
  'ISO-8859-6': 'iso-8859-6',
  'ISO-8859-7': 'iso-8859-7',
  'ISO-8859-8': 'iso-8859-8',
  'ISO-8859-9': 'windows-1254',
  'windows-1250': 'windows-1250',
  'windows-1251': 'windows-1251',
  'windows-1253': 'windows-1253',
  'windows-1254': 'windows-1254',
  'windows-1255': 'windows-1255',
  'windows-1256': 'windows-1256',
  'KOI8-R': 'koi8-r',
};

const western = ['windows-1252', 'ISO-8859-1'];
/** Fewer letters beyond ASCII prove nothing: then it is the most common encoding. */
const fewestLetters = 4;
/** By how much another encoding must be likelier than the most common one, of 100. */
const leastLead = 10;

/**
 * The encoding of text that is no Unicode: by how usual its characters would be in each of those of East Asia, then by
 * the statistics of letters.
 * @returns a label of `TextDecoder`; windows-1252 when nothing tells
 */
export function detectLegacyEncoding(bytes: Uint8Array): string {
  const sample = linesBeyondAscii(bytes);
  const doubleByte = detectDoubleByte(sample);
  if (doubleByte) return doubleByte;
  if (sample.filter(byte => byte >= 0xc0).length < fewestLetters) return 'windows-1252';
  const guesses = analyse(sample);
  const confidence = Math.max(
    0,
    ...guesses.filter(({ name }) => western.includes(name)).map(guess => guess.confidence),
  );
  const other = guesses.find(guess => labels[guess.name] && guess.confidence >= confidence + leastLead);
  return (other && labels[other.name]) ?? 'windows-1252';
}

/** Lines with bytes above 0x7f: a long file may begin with plain ASCII. Line breaks are the same in all encodings. */
function linesBeyondAscii(bytes: Uint8Array): Uint8Array {
  const lines: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length && length < sampleBytes; ) {
    const newline = bytes.indexOf(10, at);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, at + sampleBytes);
    const line = bytes.subarray(at, end);
    if (line.some(byte => byte >= 0x80)) {
      lines.push(line);
      length += line.length;
    }
    at = end;
  }
  return Buffer.concat(lines);
}
