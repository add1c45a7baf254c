/**
 * Encodings of Chinese, Japanese and Korean, in which most characters take two bytes. Each tells how usual a character
 * is in its language: texts of the others' bytes read as rare ones, or as none.
 */
interface DoubleByteEncoding {
  /** A label of `TextDecoder`. */
  readonly encoding: string;
  /** How usual the character is, at most 1; undefined when the bytes are none. */
  weigh(lead: number, trail: number): number | undefined;
  /** Bytes that are a character by themselves. */
  weighSingle?(byte: number): number | undefined;
}

const within = (byte: number, from: number, to: number) => byte >= from && byte <= to;

const usual = 0.9;
const rare = 0.1;
const foreign = -0.5;

/** Hiragana is in every Japanese sentence; symbols stand between words of any of these languages. */
function weighKana(row: number): number | undefined {
  if (row === 1 || row === 3) return usual; // punctuation, and letters of full width
  if (row === 4) return 1;
  return row === 5 ? usual : undefined;
}

const shiftJis: DoubleByteEncoding = {
  encoding: 'shift_jis',
  weigh(lead, trail) {
    if (!within(trail, 0x40, 0xfc) || trail === 0x7f) return undefined;
    if (lead === 0x81) return usual;
    if (lead === 0x82) return trail >= 0x9f ? 1 : usual;
    if (lead === 0x83) return trail <= 0x96 ? usual : foreign;
    if (within(lead, 0x88, 0x98)) return usual;
    if (within(lead, 0x99, 0x9f) || within(lead, 0xe0, 0xea)) return rare;
    return within(lead, 0x84, 0x87) || within(lead, 0xed, 0xee) || within(lead, 0xfa, 0xfc) ? foreign : undefined;
  },
  weighSingle: byte => (within(byte, 0xa1, 0xdf) ? 0.3 : undefined), // katakana of half width
};

const eucJp: DoubleByteEncoding = {
  encoding: 'euc-jp',
  weigh(lead, trail) {
    if (lead === 0x8e) return within(trail, 0xa1, 0xdf) ? 0.3 : undefined;
    if (!within(lead, 0xa1, 0xf4) || !within(trail, 0xa1, 0xfe)) return undefined;
    const kana = weighKana(lead - 0xa0);
    if (kana !== undefined) return kana;
    if (within(lead, 0xb0, 0xcf)) return 0.8;
    return lead >= 0xd0 ? rare : foreign;
  },
};

const gb18030: DoubleByteEncoding = {
  encoding: 'gb18030',
  weigh(lead, trail) {
    if (!within(lead, 0x81, 0xfe) || !within(trail, 0x40, 0xfe) || trail === 0x7f) return undefined;
    if (trail < 0xa1) return within(lead, 0x81, 0xa0) || lead >= 0xaa ? foreign / 2 : foreign;
    if (lead === 0xa1 || lead === 0xa3) return usual;
    if (within(lead, 0xb0, 0xd7)) return usual;
    return within(lead, 0xd8, 0xf7) ? rare * 2 : foreign;
  },
};

const eucKr: DoubleByteEncoding = {
  encoding: 'euc-kr',
  weigh(lead, trail) {
    if (!within(lead, 0x81, 0xfd) || !within(trail, 0x41, 0xfe)) return undefined;
    if (trail < 0xa1 || lead < 0xa1) return foreign;
    if (lead === 0xa1 || lead === 0xa3) return 0.5;
    return within(lead, 0xb0, 0xc8) ? 1 : foreign;
  },
};

const big5: DoubleByteEncoding = {
  encoding: 'big5',
  weigh(lead, trail) {
    if (!within(lead, 0x81, 0xfe) || !(within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe))) return undefined;
    if (lead === 0xa1 || lead === 0xa2) return usual;
    if (within(lead, 0xa4, 0xc6)) return trail < 0x80 ? 1 : 0.75; // in other encodings the trail is seldom ASCII
    return within(lead, 0xc9, 0xf9) ? rare : foreign;
  },
};

const encodings = [shiftJis, eucJp, gb18030, eucKr, big5];

/** A text reads as usual characters for the most part when its encoding is right. */
const convincing = 0.5;
/** What bytes cost that are no character: a broken one in a long text does not decide. */
const broken = -3;
/**
 * In words of Western languages a lone letter or quotation mark beyond ASCII stands before an ASCII letter, and both
 * together may look like a character. At least this share of the characters must look like nothing Western.
 */
const leastEvidence = 0.3;
const fewestCharacters = 2;

/** @returns the encoding in which the text reads best; undefined when it reads well in none */
export function detectDoubleByte(bytes: Uint8Array): string | undefined {
  let best: string | undefined;
  let most = convincing;
  for (const candidate of encodings) {
    const score = scoreOf(bytes, candidate);
    if (score <= most) continue;
    best = candidate.encoding;
    most = score;
  }
  return best;
}

/** The mean weight of all characters that are not ASCII; 0 without enough evidence. */
function scoreOf(bytes: Uint8Array, encoding: DoubleByteEncoding): number {
  let sum = 0;
  let count = 0;
  let evidence = 0;
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at++;
      continue;
    }
    if (at + 1 >= bytes.length) break; // the sample ends within a character
    const { weight, length } = weighAt(bytes, at, encoding);
    if ((bytes[at + length - 1] ?? 0) >= 0x80 || within(lead, 0x81, 0x83)) evidence++;
    sum += weight;
    count++;
    at += length;
  }
  return count < fewestCharacters || evidence < count * leastEvidence ? 0 : sum / count;
}

function weighAt(bytes: Uint8Array, at: number, { weigh, weighSingle, encoding }: DoubleByteEncoding) {
  const lead = bytes[at] ?? 0;
  const single = weighSingle?.(lead);
  if (single !== undefined) return { weight: single, length: 1 };
  const weight = weigh(lead, bytes[at + 1] ?? 0);
  if (weight !== undefined) return { weight, length: 2 };
  if (encoding === 'gb18030' && isFourByte(bytes, at)) return { weight: usual, length: 4 };
  return { weight: broken, length: 1 };
}

/** Beyond two bytes only GB18030 goes, with digits in between. */
const isFourByte = (bytes: Uint8Array, at: number) =>
  [0x81, 0x30, 0x81, 0x30].every((from, index) => within(bytes[at + index] ?? 0, from, from === 0x30 ? 0x39 : 0xfe));
