import { isFunctionWord } from './function-words.ts';
import { foldDiacritics, informationOf, isUnspaced, splitWords, type Word } from './words.ts';

/** A word of the question that an answer should speak of. */
export interface Term {
  /** NFKC, lower case. */
  readonly text: string;
  /** What the word says by itself, see `informationOf`. */
  readonly information: number;
  readonly name: boolean;
}

/** A text prepared for matching. */
export interface WordBag {
  /** Folded words and how often each occurs. */
  readonly counts: ReadonlyMap<string, number>;
  /** Words that are no function words. */
  readonly length: number;
  /** For scripts without spaces: the folded text itself. */
  readonly unspaced: string;
}

/** Shares of a word of the same origin: `replicate` for `replication`. */
const INFLECTED = 0.8;
const LEAST_PREFIX = 4;
const LEAST_PREFIX_SHARE = 0.6;

export const fold = (text: string): string => foldDiacritics(text.normalize('NFKC').toLowerCase());

/** The words of a question that tell what it is about, each once; all of its words when there are no others. */
export function termsOf(question: string): Term[] {
  const words = splitWords(question);
  const content = words.filter(word => !isFunctionWord(word.text));
  const terms = new Map<string, Term>();
  for (const word of content.length > 0 ? content : words) {
    const text = fold(word.text);
    if (!terms.has(text)) {
      terms.set(text, { text, information: informationOf(word.text), name: isName(word, words) });
    }
  }
  return [...terms.values()];
}

/** Capitals at the beginning of a question mean nothing. */
const isName = (word: Word, words: readonly Word[]): boolean =>
  word.name && (word.start > (words[0]?.start ?? 0) || /\p{Nd}/u.test(word.text));

export function bagOf(text: string): WordBag {
  const counts = new Map<string, number>();
  let length = 0;
  for (const { text: word } of splitWords(text)) {
    const folded = fold(word);
    counts.set(folded, (counts.get(folded) ?? 0) + 1);
    if (!isFunctionWord(word)) length += 1;
  }
  return { counts, length, unspaced: isUnspaced(text) ? fold(text) : '' };
}

/** For each term, the words of a vocabulary that stand for it, with how well they do, 0 to 1. */
export class TermMatcher {
  readonly #alike = new Map<string, Map<string, number>>();

  constructor(terms: readonly Term[], vocabulary: Iterable<string>) {
    const words = [...new Set(vocabulary)];
    for (const { text } of terms) {
      const alike = words.map(word => [word, likeness(text, word)] as const).filter(([, share]) => share > 0);
      this.#alike.set(text, new Map(alike));
    }
  }

  /** @returns `strength` of the best match, 0 to 1, and how often the term occurs, weighed by strength */
  match(term: Term, bag: WordBag): { strength: number; frequency: number } {
    if (isUnspaced(term.text)) return matchUnspaced(term.text, bag.unspaced);
    let strength = 0;
    let frequency = 0;
    for (const [word, share] of this.#alike.get(term.text) ?? []) {
      const count = bag.counts.get(word);
      if (count === undefined) continue;
      strength = Math.max(strength, share);
      frequency += count * share;
    }
    return { strength, frequency };
  }
}

/** Whole, or the share of its pairs of characters that occur. */
function matchUnspaced(term: string, text: string): { strength: number; frequency: number } {
  const occurrences = text.split(term).length - 1;
  if (occurrences > 0) return { strength: 1, frequency: occurrences };
  const characters = [...term];
  if (characters.length < 2) return { strength: 0, frequency: 0 };
  const pairs = characters.slice(1).map((character, i) => `${characters[i]}${character}`);
  const share = (INFLECTED * pairs.filter(pair => text.includes(pair)).length) / pairs.length;
  return { strength: share, frequency: share };
}

/** Equal words 1, words with a long common beginning `INFLECTED`, others 0. Both folded. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const shorter = Math.min(a.length, b.length);
  if (shorter < LEAST_PREFIX || /\p{Nd}/u.test(a)) return isPlural(a, b) ? INFLECTED : 0;
  let common = 0;
  while (common < shorter && a[common] === b[common]) common += 1;
  return common >= LEAST_PREFIX && common / Math.max(a.length, b.length) >= LEAST_PREFIX_SHARE ? INFLECTED : 0;
}

/** Short words with an `s` or `es` more: `tag`, `tags`; or with `ies` for `y`: `fly`, `flies`. */
const isPlural = (a: string, b: string): boolean => {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return (
    short.length >= 2 &&
    (long === `${short}s` || long === `${short}es` || (short.endsWith('y') && long === `${short.slice(0, -1)}ies`))
  );
};
