/**
 * The local stand-in for an embedding model: a text becomes the weighted sum of its words and word pieces, each of which
 * points in a few directions drawn from its hash. It knows no meaning (`car` is far from `automobile`), no language and no
 * corpus; the same text always gives the same vector. What it finds are texts that share words, or parts of words.
 */
import { foldDiacritics, informationOf, isUnspaced, splitCompounds, splitWords } from './words.ts';

/** Weight of a feature by its kind, before the information of its word. Flat optima: halving one costs a few per cent. */
const WEIGHTS = { word: 1, folded: 0.4, prefix: 0.6, characters: 0.25, pair: 0.8, single: 0.4, compound: 0.5 };
/** A word that occurs n times counts n to this power: more than once, so that a text's subject stands out, but tamed. */
const FREQUENCY_POWER = 0.55;
/** Each feature sets this many of the vector's values, so that two that collide in one still differ in the others. */
const PROBES = 4;
/** Beginnings of words: those nearly as long as the word stand for its inflections. */
const PREFIX_LENGTHS = [4, 5, 6, 8];
const INFLECTION_LENGTH = 3;
const CHARACTERS = 4;
/** Words below this information have no pieces of their own. */
const LEAST_INFORMATION = 0.3;
const MAX_CACHED_WORDS = 50_000;

/** Hashes of a word's features, with the weight of each. */
type Features = readonly (readonly [hash: number, weight: number])[];

const featuresOfWords = new Map<string, Features>();

/**
 * @param dimension values in the vector; Titan V2 offers 1024, 512 and 256
 * @param normalize whether the vector is scaled to length 1
 */
export function embedText(text: string, dimension: number, normalize = true): number[] {
  const vector = new Float64Array(dimension);
  for (const [hash, { weight, count }] of countFeatures(text)) {
    addFeature(vector, hash, weight * count ** FREQUENCY_POWER);
  }
  const length = normalize ? Math.hypot(...vector) : 1;
  return Array.from(vector, value => value / (length || 1));
}

function countFeatures(text: string): Map<number, { weight: number; count: number }> {
  const counts = new Map<number, { weight: number; count: number }>();
  const count = ([hash, weight]: readonly [number, number]) => {
    const seen = counts.get(hash);
    if (!seen) {
      counts.set(hash, { weight, count: 1 });
      return;
    }
    seen.count += 1;
    // A piece counts as much as the weightiest word that it is part of.
    if (weight > seen.weight) seen.weight = weight;
  };
  for (const word of splitWords(text)) for (const feature of featuresOf(word.text)) count(feature);
  for (const compound of splitCompounds(text)) count([hashOf(`compound ${compound}`), WEIGHTS.compound]);
  if (counts.size === 0) count([hashOf(`text ${text.trim()}`), 1]); // no zero vector: it has no direction
  return counts;
}

function featuresOf(word: string): Features {
  const cached = featuresOfWords.get(word);
  if (cached) return cached;
  if (featuresOfWords.size >= MAX_CACHED_WORDS) featuresOfWords.clear();
  const features = [...namedFeatures(word)].map(([name, weight]) => [hashOf(name), weight] as const);
  featuresOfWords.set(word, features);
  return features;
}

function* namedFeatures(word: string): Generator<[name: string, weight: number]> {
  const information = informationOf(word);
  const folded = foldDiacritics(word);
  yield [`word ${word}`, WEIGHTS.word * information];
  yield [`folded ${folded}`, WEIGHTS.folded * information];
  if (isUnspaced(word)) yield* characterPairs(word, information);
  else if (information >= LEAST_INFORMATION && folded.length >= CHARACTERS) yield* wordPieces(folded, information);
}

/** Chinese, Japanese, Thai: dictionaries disagree on where words begin, but pairs of characters stay. */
function* characterPairs(word: string, information: number): Generator<[name: string, weight: number]> {
  const characters = [...word];
  if (characters.length === 1) yield [`single ${word}`, WEIGHTS.single * information];
  for (let i = 0; i + 1 < characters.length; i += 1) {
    yield [`pair ${characters[i]}${characters[i + 1]}`, WEIGHTS.pair * information];
  }
}

function* wordPieces(word: string, information: number): Generator<[name: string, weight: number]> {
  for (const length of PREFIX_LENGTHS) {
    if (length > word.length) break;
    const inflection = length >= word.length - INFLECTION_LENGTH;
    yield [`prefix ${word.slice(0, length)}`, WEIGHTS.prefix * information * (inflection ? 1 : 0.4)];
  }
  const bounded = `^${word}$`;
  const pieces = bounded.length - CHARACTERS + 1;
  const weight = (WEIGHTS.characters * information) / Math.sqrt(pieces);
  for (let i = 0; i < pieces; i += 1) yield [`characters ${bounded.slice(i, i + CHARACTERS)}`, weight];
}

function addFeature(vector: Float64Array, hash: number, weight: number): void {
  const share = weight / Math.sqrt(PROBES);
  let state = hash;
  for (let probe = 0; probe < PROBES; probe += 1) {
    state = mix(state + 0x9e3779b9);
    const position = (state >>> 1) % vector.length;
    vector[position] = (vector[position] ?? 0) + (state & 1 ? share : -share);
  }
}

/** FNV-1a over UTF-16 code units, finished by `mix`. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** The finalizer of MurmurHash3: every bit of the input changes every bit of the output with even odds. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
