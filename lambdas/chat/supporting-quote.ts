import { withoutInvisible } from './invisible.ts';
import type { Passage } from './passage.ts';
import { contentWordsOf, numbersOf, sentencesOf, wordsOf } from './words.ts';

export interface Quote {
  /** Exactly `chunk.text.slice(start, end)`. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Share of the claim's content words that the quote holds, beside those that title and headings give, 0 to 1. */
  readonly support: number;
  /** Whether the quote holds enough of the claim. */
  readonly supported: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly words: ReadonlySet<string>;
}

/** A sentence or table row longer than this is cut, in UTF-16 code units: a quote must be readable. */
const LONGEST_UNIT = 500;
/** A second sentence joins the quote only when it adds this much. */
const PAIR_GAIN = 1.25;
/** Share of the claim's content words that the quote must hold. */
const SUPPORT_THRESHOLD = 0.5;

/**
 * Finds the quotes of one passage that support claims: one or two adjacent sentences or rows of the stored text.
 * The passage is cut into its sentences once, however many claims cite it.
 */
export class QuoteFinder {
  readonly #text: string;
  readonly #units: readonly Span[];
  /** In how many units each word stands. */
  readonly #frequency = new Map<string, number>();
  /** Words that the passage's surroundings give: a sentence need not repeat its heading. */
  readonly #surroundings: ReadonlySet<string>;
  readonly #allWords: ReadonlySet<string>;

  constructor({ chunk, head }: Passage) {
    this.#text = chunk.text;
    this.#units = unitsOf(chunk.text);
    for (const word of this.#units.flatMap(unit => [...unit.words])) {
      this.#frequency.set(word, (this.#frequency.get(word) ?? 0) + 1);
    }
    const { section = '', sheet = '' } = chunk.place;
    this.#surroundings = new Set(visibleWords([head.title, section, sheet, chunk.context ?? ''].join('\n')));
    this.#allWords = new Set([...this.#frequency.keys(), ...this.#surroundings]);
  }

  /**
   * The span that shares most with the claim, rare and long words weighing more. `supported` needs half of the claim's
   * content words (beside those of title and headings) in the quote, and each of its numbers in the passage: a figure that
   * stands nowhere in the source is what a reader must not be led to trust.
   */
  find(claim: string): Quote {
    const words = contentWordsOf(claim);
    const span = this.#bestSpan(words);
    const text = this.#text.slice(span.start, span.end);
    const support = this.#supportOf(span, words);
    const supported = support >= SUPPORT_THRESHOLD && this.#holdsNumbers(words);
    return { text, start: span.start, end: span.end, support, supported };
  }

  #bestSpan(words: readonly string[]): Span {
    const scored = this.#units.map(unit => ({ unit, score: this.#score(unit, words) }));
    let best = scored[0] ?? { unit: { start: 0, end: this.#text.length, words: new Set<string>() }, score: 0 };
    for (const candidate of scored) if (candidate.score > best.score) best = candidate;
    const floor = best.score * PAIR_GAIN;
    for (const [index, { unit }] of scored.entries()) {
      const next = scored[index + 1]?.unit;
      if (!next) break;
      const pair = { start: unit.start, end: next.end, words: new Set([...unit.words, ...next.words]) };
      const score = this.#score(pair, words);
      if (score > best.score && score >= floor) best = { unit: pair, score };
    }
    return best.unit;
  }

  #score(span: Span, words: readonly string[]): number {
    let score = 0;
    for (const word of words) {
      if (!span.words.has(word)) continue;
      const rarity = Math.log(1 + this.#units.length / (this.#frequency.get(word) ?? 1));
      score += rarity * (0.5 + Math.min(word.length, 6) / 12);
    }
    return score;
  }

  #supportOf(span: Span, words: readonly string[]): number {
    if (words.length === 0) return 0;
    const own = words.filter(word => !this.#surroundings.has(word));
    const needed = own.length > 0 ? own : words;
    return needed.filter(word => span.words.has(word)).length / needed.length;
  }

  #holdsNumbers(words: readonly string[]): boolean {
    return numbersOf(words).every(number => this.#allWords.has(number));
  }
}

/** The model was not shown characters that nobody sees, so they part no words; offsets are those of the stored text. */
const visibleWords = (text: string): string[] => wordsOf(withoutInvisible(text));

function unitsOf(text: string): Span[] {
  return sentencesOf(text)
    .flatMap(({ text: sentence, start }) => cutLong(sentence, start))
    .flatMap(({ text: piece, start }) => {
      const trimmed = piece.trim();
      if (trimmed === '') return [];
      const from = start + piece.indexOf(trimmed);
      return [{ start: from, end: from + trimmed.length, words: new Set(visibleWords(trimmed)) }];
    });
}

function cutLong(sentence: string, start: number): { text: string; start: number }[] {
  const pieces: { text: string; start: number }[] = [];
  let from = 0;
  while (sentence.length - from > LONGEST_UNIT) {
    const to = cutAt(sentence, from);
    pieces.push({ text: sentence.slice(from, to), start: start + from });
    from = to;
  }
  pieces.push({ text: sentence.slice(from), start: start + from });
  return pieces;
}

/** The last blank of the next `LONGEST_UNIT` code units, else their end, but never between two surrogates. */
function cutAt(sentence: string, from: number): number {
  const limit = from + LONGEST_UNIT;
  const blank = sentence.lastIndexOf(' ', limit);
  if (blank > from) return blank;
  return /[\udc00-\udfff]/.test(sentence.charAt(limit)) ? limit - 1 : limit;
}
