/**
 * Estimates how many tokens a text is, without a tokenizer: exact counting is some hundred times slower, and every
 * model counts differently anyway. The weights were fitted to the mean of two byte-pair vocabularies (OpenAI's
 * cl100k_base and o200k_base) on prose, code and tables; for scripts on which those two differ by more than twofold,
 * to four fifths of the larger count, since an embedding model refuses what is too long. Linear, one pass.
 * @returns tokens, rounded up; 0 for an empty text
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one flat switch over character kinds; calls would cost the speed that it is for
export function estimateTokens(text: string): number {
  let tokens = 0;
  /** Letters so far of the word being read. */
  let letters = 0;
  let digits = 0;
  let previous: number = kinds.space;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const kind = kindOfCode[code] ?? kinds.other;
    switch (kind) {
      case kinds.lower:
      case kinds.upper:
      case kinds.accented:
        // A capital after a small letter starts a word: identifiers are written so.
        letters = kind === kinds.upper && previous === kinds.lower ? 1 : letters + 1;
        if (letters === 1) tokens += previous === kinds.punctuation ? weights.wordAfterPunctuation : weights.word;
        else if (letters > 6) tokens += weights.longWordLetter;
        if (kind === kinds.accented) tokens += weights.accent;
        break;
      case kinds.digit:
        if (previous !== kinds.digit) digits = 0;
        if (digits++ % 3 === 0) tokens += weights.digits;
        break;
      case kinds.space:
        if (previous === kinds.space) tokens += weights.nextSpace;
        break;
      case kinds.newline:
        tokens += weights.newline;
        break;
      case kinds.punctuation:
        tokens += previous === kinds.punctuation ? weights.nextPunctuation : weights.punctuation;
        break;
      default:
        tokens += scriptWeights[kind] ?? 1;
    }
    if (kind > kinds.accented) letters = 0;
    previous = kind;
  }
  return Math.ceil(tokens);
}

/** Tokens of each thing. Letters up to the sixth cost nothing beyond the word itself. */
const weights = {
  word: 0.88,
  /** `.length` and `(see` are mostly one token, counted with the mark already. */
  wordAfterPunctuation: -0.25,
  longWordLetter: 0.36,
  accent: 0.72,
  /** Up to three in a row. */
  digits: 1.02,
  punctuation: 1.18,
  nextPunctuation: 0.56,
  newline: 0.15,
  nextSpace: 0.17,
} as const;

const kinds = {
  lower: 0,
  upper: 1,
  accented: 2,
  digit: 3,
  space: 4,
  newline: 5,
  punctuation: 6,
  han: 7,
  kana: 8,
  hangul: 9,
  cyrillic: 10,
  greek: 11,
  hebrew: 12,
  arabic: 13,
  thai: 14,
  indic: 15,
  /** Half of a pair: emoji, rare ideographs. */
  surrogate: 16,
  widePunctuation: 17,
  joiner: 18,
  other: 19,
} as const;

/** Tokens of one character of each script. */
const scriptWeights: readonly number[] = Object.entries({
  han: 0.95,
  kana: 0.95,
  hangul: 0.9,
  cyrillic: 0.4,
  greek: 0.85,
  hebrew: 0.88,
  arabic: 0.62,
  thai: 0.74,
  indic: 1,
  surrogate: 1.15,
  widePunctuation: 0.8,
  joiner: 0.8,
  other: 1,
} satisfies Partial<Record<keyof typeof kinds, number>>).reduce<number[]>((list, [name, weight]) => {
  list[kinds[name as keyof typeof kinds]] = weight; // `satisfies` above allows no other name
  return list;
}, []);

/** First and last code unit of each block; what is in none is `other`. Later ones win. */
const ranges: readonly (readonly [number, number, number])[] = [
  [0x00, 0x1f, kinds.space],
  [0x20, 0x20, kinds.space],
  [0x21, 0x7f, kinds.punctuation],
  [0x30, 0x39, kinds.digit],
  [0x41, 0x5a, kinds.upper],
  [0x61, 0x7a, kinds.lower],
  [0x0a, 0x0a, kinds.newline],
  [0xa0, 0xa0, kinds.space],
  [0xa1, 0xbf, kinds.other],
  [0xc0, 0x24f, kinds.accented],
  [0x300, 0x36f, kinds.accented],
  [0x370, 0x3ff, kinds.greek],
  [0x400, 0x52f, kinds.cyrillic],
  [0x590, 0x5ff, kinds.hebrew],
  [0x600, 0x6ff, kinds.arabic],
  [0x750, 0x77f, kinds.arabic],
  [0x900, 0xdff, kinds.indic],
  [0xe00, 0xeff, kinds.thai],
  [0x1e00, 0x1eff, kinds.accented],
  [0x1f00, 0x1fff, kinds.greek],
  [0x2000, 0x200a, kinds.space],
  [0x200b, 0x200f, kinds.joiner],
  [0x2010, 0x206f, kinds.punctuation],
  [0x3000, 0x303f, kinds.widePunctuation],
  [0x3040, 0x30ff, kinds.kana],
  [0x3400, 0x9fff, kinds.han],
  [0xac00, 0xd7ff, kinds.hangul],
  [0xd800, 0xdfff, kinds.surrogate],
  [0xf900, 0xfaff, kinds.han],
  [0xfb50, 0xfdff, kinds.arabic],
  [0xfe00, 0xfe0f, kinds.joiner],
  [0xff00, 0xffef, kinds.widePunctuation],
];

/** By UTF-16 code unit: a lookup is what makes it fast. */
const kindOfCode: Uint8Array = makeTable();

function makeTable(): Uint8Array {
  const table = new Uint8Array(0x10000).fill(kinds.other);
  for (const [from, to, kind] of ranges) table.fill(kind, from, to + 1);
  return table;
}
