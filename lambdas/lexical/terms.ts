const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Scripts written without blanks: dictionaries disagree on where their words begin, but pairs of characters stay. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
const UNSPACED_RUN = new RegExp(`${UNSPACED.source}+`, 'gu');
const ENGLISH_LETTERS = /^[a-z]+$/;
/** Longer words are cut to their beginning, so that inflections of many languages meet. Measured: 6 beats 5 and 7. */
const STEM_LENGTH = 6;

/**
 * The terms by which a text is found, in reading order, repeated as often as they occur: words in lower case without
 * their endings, and for scripts without blanks also pairs of characters. Accents stay: in Vietnamese they tell words
 * apart, and dropping them helped no other language that was measured.
 */
export function termsOf(text: string): string[] {
  const normal = normalized(text);
  if (!UNSPACED.test(normal)) return wordsOfNormal(normal).map(stem);
  const terms = wordsOfNormal(normal).map(word => (UNSPACED.test(word) ? word : stem(word)));
  for (const [run] of normal.matchAll(UNSPACED_RUN)) terms.push(...pairsOf([...run]));
  return terms;
}

/** Whole words in lower case, by the Unicode rules of their scripts. */
export const wordsIn = (text: string): string[] => wordsOfNormal(normalized(text));

/** ASCII between blanks, where words end by rules that a pattern knows; among other text short ones are not worth the change. */
const ASCII_STRETCH = /^\p{ASCII}+$|(?<!\S)\p{ASCII}{100,}(?!\S)/gu;
/** A word in such a stretch: `3.5`, `don't` and `snake_case` are one each, and so is `__`, but not `_`. */
const ASCII_WORD = /\w+(?:(?:(?<=[a-z])['.:](?=[a-z])|(?<=\d)['.,;](?=\d))\w+)*/g;

/** The segmenter's words; where they are ASCII found by a pattern, which takes a quarter of the time. */
function wordsOfNormal(text: string): string[] {
  const words: string[] = [];
  let from = 0;
  for (const { 0: stretch, index } of text.matchAll(ASCII_STRETCH)) {
    addSegments(words, text.slice(from, index));
    for (const word of stretch.match(ASCII_WORD) ?? []) if (word !== '_') words.push(word);
    from = index + stretch.length;
  }
  addSegments(words, text.slice(from));
  return words;
}

function addSegments(words: string[], text: string): void {
  for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) words.push(segment);
}

const normalized = (text: string): string => text.normalize('NFKC').toLowerCase();

/** A term's place in a sparse vector: 32 bits of its FNV-1a hash, mixed so that every bit counts. */
export function indexOfTerm(term: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < term.length; i += 1) hash = Math.imul(hash ^ term.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function pairsOf(characters: readonly string[]): string[] {
  if (characters.length < 2) return [...characters];
  return characters.slice(1).map((character, i) => `${characters[i]}${character}`);
}

const stem = (word: string): string => withoutEnding(word).slice(0, STEM_LENGTH);

/** English plurals and verb endings; what is left need not be a word, only the same for all forms. */
function withoutEnding(word: string): string {
  if (word.length <= 3 || !ENGLISH_LETTERS.test(word)) return word;
  const singular = withoutPlural(word);
  const base = singular.replace(/(?:ing|ed)$/, '');
  const verb = base !== singular && base.length >= 3 && /[aeiouy]/.test(base) ? withoutDoubling(base) : singular;
  return verb.replace(/e$/, '');
}

function withoutPlural(word: string): string {
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  if (/ies$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`;
  return /[^su]s$/.test(word) ? word.slice(0, -1) : word;
}

/** `stopped` → `stop`, but `called` → `call`. */
const withoutDoubling = (base: string): string => (/([^lsz])\1$/.test(base) ? base.slice(0, -1) : base);
