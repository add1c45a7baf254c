const segmenter = new Intl.Segmenter('und', { granularity: 'word' });
const K1 = 1.2;
const B = 0.75;

/** Plain BM25 over whole words in lower case: what any search box reaches, and so the least to be asked of retrieval. */
export class Bm25 {
  readonly #documents: { readonly id: string; readonly counts: ReadonlyMap<string, number>; readonly length: number }[];
  readonly #frequency = new Map<string, number>();
  readonly #meanLength: number;

  constructor(documents: readonly { readonly id: string; readonly text: string }[]) {
    this.#documents = documents.map(({ id, text }) => {
      const words = wordsOf(text);
      const counts = new Map<string, number>();
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      return { id, counts, length: words.length };
    });
    for (const word of this.#documents.flatMap(({ counts }) => [...counts.keys()])) {
      this.#frequency.set(word, (this.#frequency.get(word) ?? 0) + 1);
    }
    this.#meanLength = this.#documents.reduce((sum, { length }) => sum + length, 0) / this.#documents.length;
  }

  /** Ids of all documents, best first; ties stay in the order they came in. */
  rank(question: string): string[] {
    const words = [...new Set(wordsOf(question))];
    const scored = this.#documents.map(({ id, counts, length }) => {
      const saturation = K1 * (1 - B + (B * length) / this.#meanLength);
      const score = words.reduce((sum, word) => {
        const count = counts.get(word) ?? 0;
        return sum + (this.#rarityOf(word) * count * (K1 + 1)) / (count + saturation);
      }, 0);
      return { id, score };
    });
    return scored.sort((a, b) => b.score - a.score).map(({ id }) => id);
  }

  #rarityOf(word: string): number {
    const frequency = this.#frequency.get(word) ?? 0;
    return Math.log(1 + (this.#documents.length - frequency + 0.5) / (frequency + 0.5));
  }
}

/** Lower-case words by the Unicode rules of the script. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFKC').toLowerCase())) {
    if (isWordLike) words.push(segment);
  }
  return words;
}
