import { isDeepStrictEqual } from 'node:util';
import type { StoredChunk } from '../document.ts';
import type { Passage } from './passage.ts';

export interface SelectOptions {
  /** Most chunks. */
  readonly topK: number;
  /** Most tokens of the chunks together, by their counts; the best one is taken even if it has more. */
  readonly maxTokens: number;
}

/** Words that two chunks share, of all that they hold, from which on the second says nothing new. */
const NEAR_DUPLICATE = 0.9;
const HAS_DIGIT = /\p{N}/u;

/**
 * What of the passages found the model is given: no near-duplicate of a better one, as many as fit, and chunks that
 * continue one another joined.
 * @param found best first
 * @returns best first
 */
export const selectPassages = (found: readonly Passage[], { topK, maxTokens }: SelectOptions): Passage[] =>
  joinNeighbours(packed(withoutNearDuplicates(found, topK), maxTokens));

/** The best one first, the second best last, and so inwards: what stands in the middle of a prompt is read least. */
export function bestFirstAndLast<Item>(bestFirst: readonly Item[]): Item[] {
  const first = bestFirst.filter((_, rank) => rank % 2 === 0);
  const last = bestFirst.filter((_, rank) => rank % 2 === 1);
  return [...first, ...last.toReversed()];
}

function withoutNearDuplicates(passages: readonly Passage[], most: number): Passage[] {
  const kept: { readonly passage: Passage; readonly words: ReadonlySet<string> }[] = [];
  for (const passage of passages) {
    if (kept.length >= most) break;
    const words = new Set(passage.chunk.text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu));
    if (!kept.some(other => areNearDuplicates(other.words, words))) kept.push({ passage, words });
  }
  return kept.map(({ passage }) => passage);
}

/** Texts that differ in a number are no duplicates: last year's price list is not this year's. */
function areNearDuplicates(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  // What differs may be 1 - NEAR_DUPLICATE of the union, which is half of both sizes and of what differs.
  let left = ((1 - NEAR_DUPLICATE) * (a.size + b.size)) / (1 + NEAR_DUPLICATE) - Math.abs(a.size - b.size);
  if (left < 0) return false;
  const [smaller, larger] = a.size < b.size ? [a, b] : [b, a];
  for (const word of smaller) {
    if (larger.has(word)) continue;
    left -= 2; // the larger one has another word in its place
    if (left < 0 || HAS_DIGIT.test(word)) return false;
  }
  for (const word of larger) if (!smaller.has(word) && HAS_DIGIT.test(word)) return false;
  return true;
}

function packed(passages: readonly Passage[], maxTokens: number): Passage[] {
  let left = maxTokens;
  return passages.filter(({ chunk }, rank) => {
    if (rank > 0 && chunk.tokenCount > left) return false;
    left -= chunk.tokenCount;
    return true;
  });
}

/** A joined passage stands where its best chunk stood. */
function joinNeighbours(passages: readonly Passage[]): Passage[] {
  const runs: Passage[][] = [];
  for (const passage of passages.toSorted((a, b) => a.chunk.index - b.chunk.index)) {
    const run = runs.find(([...chunks]) => continues(chunks.at(-1), passage));
    if (run) run.push(passage);
    else runs.push([passage]);
  }
  const rankOf = new Map(passages.map((passage, rank) => [passage, rank]));
  const bestRank = (run: readonly Passage[]) => Math.min(...run.map(passage => rankOf.get(passage) ?? 0));
  return runs.toSorted((a, b) => bestRank(a) - bestRank(b)).flatMap(joined);
}

/** The next chunk of the same document, at the same place, so that what is said of the place holds for both. */
function continues(before: Passage | undefined, { chunk }: Passage): boolean {
  if (before?.chunk.documentId !== chunk.documentId || before.chunk.version !== chunk.version) return false;
  return before.chunk.index + 1 === chunk.index && isDeepStrictEqual(placeOf(before.chunk), placeOf(chunk));
}

const placeOf = ({ place, context }: StoredChunk) => ({ place, context });

function joined(run: readonly Passage[]): Passage[] {
  const [first] = run;
  if (!first || run.length === 1) return [...run];
  const parts = run.map(({ chunk }) => chunk);
  const suspicious = [...new Set(parts.flatMap(part => part.suspicious ?? []))];
  const chunk = {
    ...first.chunk,
    text: parts.reduce((text, part, i) => text + addedBy(part, parts[i - 1]), ''),
    end: Math.max(...parts.map(({ end }) => end)),
    tokenCount: parts.reduce((sum, { tokenCount }) => sum + tokenCount, 0),
    ...(suspicious.length > 0 && { suspicious }),
  };
  return [{ ...first, chunk, parts, score: Math.max(...run.map(({ score }) => score)) }];
}

/** A chunk begins with the end of the one before, or after a blank. */
function addedBy({ text, start }: StoredChunk, before: StoredChunk | undefined): string {
  if (!before) return text;
  return start < before.end ? text.slice(before.end - start) : `\n${text}`;
}
