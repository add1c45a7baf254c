import { askedKind, holdsKind } from './asked-kind.ts';
import { bagOf, type Term, TermMatcher, termsOf, type WordBag } from './matching.ts';
import type { AnswerPrompt } from './prompt.ts';
import { type Statement, splitStatements } from './statements.ts';
import { splitWords } from './words.ts';

export interface Evidence {
  readonly statement: Statement;
  /** BM25-like, without an upper bound; comparable within one prompt only. */
  readonly score: number;
  /** Share of the question's weight that the statement and its surroundings speak of, 0 to 1. */
  readonly coverage: number;
  /** For each word of the question that tells something, how well a word of the statement itself stands for it, 0 to 1. */
  readonly spoken: readonly number[];
  /** Holds a number, a time or a name, where the question asks for one; true where it does not say what it asks for. */
  readonly fits: boolean;
}

/** BM25's saturation and length normalization, low because a sentence rarely repeats a word. */
const K1 = 0.3;
const B = 0.4;
/** What a term missing in the sentence still counts when its heading or title, or a sentence beside it, has it. */
const FROM_HEADING = 0.5;
const FROM_NEIGHBOUR = 0.25;
const NEIGHBOURS = [-2, -1, 1, 2];
/** For coverage, surroundings count nearly as much as the sentence itself. */
const SURROUNDINGS_SHARE = 0.9;
/** Names and numbers are what an answer cannot do without. */
const NAME_WEIGHT = 1.4;
/** Among some hundred sentences, full idf would let one odd word outweigh all others. */
const IDF_POWER = 0.7;
/** Sentences thought of beside those given: in two or three, each word would seem common, and a missing one fatal. */
const BACKGROUND = 20;
/**
 * A word that only the stand-alone question adds tells the subject, and is not what is asked for just now: it counts less,
 * and a sentence that leaves it to the sentences around it (`It is turned off …`) speaks of it almost as well.
 */
const REMEMBERED_WEIGHT = 0.6;
const REMEMBERED_FROM_AROUND = 0.9;
/** A question in a passage, and a repetition of this one, is no answer. */
const QUESTION_SHARE = 0.4;
const QUESTION_END = /[?？؟]\W{0,3}$/u;
/** How much the best passage is preferred, the second best half as much, and so on. */
const RANK_PREFERENCE = 0.3;
/** How much a statement is preferred that holds the kind of thing asked for. */
const KIND_PREFERENCE = 0.3;
/** A line that does not end like a sentence may be a label or a link. */
const FRAGMENT_SHARE = 0.8;
const SENTENCE_END = /[.!?:;…。！？：；।؟]\W{0,3}$/u;

interface Candidate {
  readonly statement: Statement;
  readonly length: number;
  /** For each term, how often it occurs in the sentence, weighed by likeness, and the likeness of its best match. */
  readonly own: readonly { readonly strength: number; readonly frequency: number }[];
  /** For each term, the likeness of its best match in the headings and the title above. */
  readonly above: readonly number[];
}

/** Every statement of the passages, best evidence for the question first; ties stay in reading order. */
export function rankEvidence(prompt: AnswerPrompt): Evidence[] {
  const terms = termsOf(prompt.standaloneQuestion);
  const candidates = readCandidates(prompt, terms);
  const weights = weighTerms(prompt.question, terms, candidates);
  const kind = askedKind(prompt.question);
  const asked = new Set(splitWords(prompt.question).map(({ text }) => text));
  const meanLength = candidates.reduce((sum, { length }) => sum + length, 0) / candidates.length;
  const ranked = candidates.map((candidate, i): Evidence => {
    const neighbours = NEIGHBOURS.flatMap(distance => candidates[i + distance] ?? []).filter(
      ({ statement }) => statement.passage === candidate.statement.passage,
    );
    const { score, coverage } = weigh(candidate, neighbours, weights, meanLength);
    const { statement, own } = candidate;
    const fits = kind === undefined || holdsKind(kind, statement.text, asked);
    const preference =
      RANK_PREFERENCE / rankOf(statement.passage, prompt.passages.length) + (fits ? KIND_PREFERENCE : 0);
    return { statement, score: score * (1 + preference), coverage, spoken: own.map(({ strength }) => strength), fits };
  });
  return ranked.sort((a, b) => b.score - a.score);
}

/** From 1: the prompt has the best passage first, the second best last, and so inwards. */
const rankOf = (position: number, count: number): number => Math.min(2 * position + 1, 2 * (count - position));

function readCandidates(prompt: AnswerPrompt, terms: readonly Term[]): Candidate[] {
  const statements = prompt.passages.flatMap(splitStatements);
  const titles = prompt.passages.map(({ title, place }) => bagOf(`${title} ${place}`));
  const bags = statements.map(({ text }) => bagOf(text));
  const headings = new Map([...new Set(statements.map(({ heading }) => heading))].map(text => [text, bagOf(text)]));
  const vocabulary = [...titles, ...bags, ...headings.values()].flatMap(({ counts }) => [...counts.keys()]);
  const matcher = new TermMatcher(terms, vocabulary);
  const strengths = (bag: WordBag | undefined) => terms.map(term => (bag ? matcher.match(term, bag).strength : 0));
  const ofTitles = titles.map(strengths);
  const ofHeadings = new Map([...headings].map(([text, bag]) => [text, strengths(bag)]));
  return statements.map((statement, i) => ({
    statement,
    length: bags[i]?.length ?? 0,
    own: terms.map(term => matcher.match(term, bags[i] ?? bagOf(''))),
    above: terms.map((_, t) =>
      Math.max(ofTitles[statement.passage]?.[t] ?? 0, ofHeadings.get(statement.heading)?.[t] ?? 0),
    ),
  }));
}

interface Weight {
  readonly weight: number;
  /** Only the stand-alone question has the term. */
  readonly remembered: boolean;
}

function weighTerms(question: string, terms: readonly Term[], candidates: readonly Candidate[]): Weight[] {
  const asked = new Set(termsOf(question).map(({ text }) => text));
  return terms.map((term, t) => {
    const found = candidates.reduce((sum, { own }) => sum + (own[t]?.strength ?? 0), 0);
    const others = BACKGROUND + candidates.length - found;
    const idf = Math.log(1 + (others + 0.5) / (found + 0.5)) ** IDF_POWER;
    const remembered = !asked.has(term.text);
    const weight = idf * term.information * (term.name ? NAME_WEIGHT : 1) * (remembered ? REMEMBERED_WEIGHT : 1);
    return { weight, remembered };
  });
}

function weigh(
  { statement, length, own, above }: Candidate,
  neighbours: readonly Candidate[],
  weights: readonly Weight[],
  meanLength: number,
): { score: number; coverage: number } {
  const saturation = K1 * (1 - B + (B * length) / (meanLength || 1));
  let score = 0;
  let covered = 0;
  let total = 0;
  weights.forEach(({ weight, remembered }, t) => {
    const { strength = 0, frequency = 0 } = own[t] ?? {};
    const heading = above[t] ?? 0;
    const beside = Math.max(0, ...neighbours.map(neighbour => neighbour.own[t]?.strength ?? 0));
    const inherited = remembered
      ? REMEMBERED_FROM_AROUND * Math.max(heading, beside)
      : Math.max(FROM_HEADING * heading, FROM_NEIGHBOUR * beside);
    score += weight * (strength > 0 ? (frequency * (K1 + 1)) / (frequency + saturation) : inherited);
    // Flatter than the score: rare words weigh more, but none alone decides whether a question is answered.
    const share = Math.sqrt(weight);
    covered += share * Math.max(strength, SURROUNDINGS_SHARE * Math.max(heading, beside));
    total += share;
  });
  return { score: score * formShare(statement), coverage: total > 0 ? covered / total : 0 };
}

function formShare({ kind, text }: Statement): number {
  if (QUESTION_END.test(text)) return QUESTION_SHARE;
  return kind === 'row' || SENTENCE_END.test(text) ? 1 : FRAGMENT_SHARE;
}
