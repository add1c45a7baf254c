import { wordsIn } from '../lexical/terms.ts';

/** A short form with what stands before it, in UTF-16 code units. */
const SHORT_FORM_REACH = 24;
const sentenceSegmenter = new Intl.Segmenter('und', { granularity: 'sentence' });

/** Words of any language in the form in which they are compared: lower case, short stems, numbers without separators. */
export const wordsOf = (text: string): string[] => wordsIn(text).map(stem);

/** Words that carry what a sentence says: long ones, numbers, and those of scripts without blanks between words. */
export function contentWordsOf(text: string): string[] {
  const words = [...new Set(wordsOf(text))];
  const content = words.filter(
    word => word.length >= 4 || /\p{N}|[^\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u.test(word),
  );
  return content.length > 0 ? content : words;
}

export const numbersOf = (words: readonly string[]): string[] => words.filter(word => /^\p{N}/u.test(word));

/**
 * A full stop that ends no sentence: after an initial (`J. F. D. Shrewsbury`, `z. B.`, `U.S.`), or a short form that a name
 * or a number follows. The Unicode rules know none of them.
 */
const SHORT_FORM =
  /(?<![\p{L}\p{N}])(?:\p{L}\.)*(?:[\p{Script=Latin}\p{Script=Cyrillic}]|Mr|Mrs|Ms|Dr|Prof|St|Ste|Mt|Fig|vs|pp|Nr|Sr|Sra|Mme|bzw|vgl|ca|cf|approx|Gen|Col|Capt|Lt|Gov|Sen|Rev)\.[ \t\u00a0]*$/u;

/** Sentences with their offsets in `text`; a line break always ends one. */
export function sentencesOf(text: string): { readonly text: string; readonly start: number }[] {
  const sentences: { text: string; start: number }[] = [];
  for (const { segment, index } of sentenceSegmenter.segment(text)) {
    const last = sentences.at(-1);
    if (last && SHORT_FORM.test(last.text.slice(-SHORT_FORM_REACH))) last.text += segment;
    else sentences.push({ text: segment, start: index });
  }
  return sentences;
}

/** Crude on purpose: it needs no language, and only has to let `bucket` meet `buckets` and `configure` `configuration`. */
function stem(word: string): string {
  if (/^\p{N}/u.test(word)) return word.replaceAll(/[.,'’\u00a0](?=\p{N}{3}(?!\p{N}))/gu, '');
  const singular = word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
  return singular.length > 6 ? singular.slice(0, 6) : singular;
}
