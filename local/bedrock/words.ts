import { isCommonWord, isFunctionWord } from './function-words.ts';

/** A word of a text, found without knowing its language. */
export interface Word {
  /** NFKC, lower case. */
  readonly text: string;
  /** Offsets of the word as it is written, in UTF-16 code units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  /** Begins with a capital letter, holds a digit, or is an identifier such as `BlockPublicAcls`: likely a name. */
  readonly name: boolean;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
/** Scripts written without spaces: where words begin there is a guess, so pairs of characters are compared too. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const CAPITALIZED = /^\p{Lu}/u;
const DIGIT = /\p{Nd}/u;
/** `fooBar`, `HTTPServer` and the like. */
const CASE_CHANGE = /(?<=[\p{Ll}\p{Nd}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;
const JOINT = /[_.:'’@·]/u;
/** Words held together by punctuation, e.g. `aws-node`, `s3:GetObject`. */
const COMPOUND = /[\p{L}\p{M}\p{N}]+(?:[-‐‑._:/@#][\p{L}\p{M}\p{N}]+)+/gu;

export const isUnspaced = (text: string): boolean => UNSPACED.test(text);

/** Words in reading order, by the Unicode rules of the script; punctuation is left out. */
export function splitWords(text: string): Word[] {
  const found: Word[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike) continue;
    const normal = segment.normalize('NFKC');
    const name = CAPITALIZED.test(normal) || DIGIT.test(normal);
    found.push({ text: normal.toLowerCase(), start: index, end: index + segment.length, name });
    if (JOINT.test(normal) || CASE_CHANGE.test(normal)) found.push(...partsOf(normal, index, segment.length));
  }
  return found;
}

/** The parts of an identifier or of a number with units stand at the place of the whole. */
function partsOf(word: string, start: number, length: number): Word[] {
  const parts = word.split(JOINT).flatMap(piece => piece.split(CASE_CHANGE));
  return parts
    .filter(part => part.length > 1 && part !== word)
    .map(part => ({ text: part.toLowerCase(), start, end: start + length, name: true }));
}

/** Identifiers that word rules break up, lower case: `aws-node`, `kube-system/coredns`. */
export function splitCompounds(text: string): string[] {
  return Array.from(text.matchAll(COMPOUND), match => match[0].normalize('NFKC').toLowerCase());
}

/** Base letters alone: `kiến` gives `kien`. Vowel signs of scripts that live by them stay. */
export const foldDiacritics = (word: string): string =>
  word
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('đ', 'd')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replaceAll('ß', 'ss')
    .normalize('NFC');

/**
 * How much a word says about the subject of a text, without any corpus: 0 to 1.3. Function words say next to nothing;
 * among the others rarity grows with length (Zipf's law of abbreviation), and digits identify.
 */
export function informationOf(word: string): number {
  if (isFunctionWord(word)) return 0.08;
  if (DIGIT.test(word)) return word.length === 1 ? 0.5 : 1;
  if (isUnspaced(word)) return word.length === 1 ? 0.4 : 1;
  if (isCommonWord(word)) return 0.5;
  if (word.length <= 2) return 0.6;
  return Math.min(1.3, 0.7 + 0.08 * word.length);
}
