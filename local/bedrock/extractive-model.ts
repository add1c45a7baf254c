/**
 * The local stand-in for a chat model: it generates nothing. An answer is made of sentences of the passages that it was
 * given, word for word, each with the mark ` [id]` of its passage; when they hold no good evidence it is `[no-answer]`.
 * It weighs words, so it finds what is said in the question's words, and cannot reason, count or translate.
 */
import { askedKind } from './asked-kind.ts';
import { type Evidence, rankEvidence } from './evidence.ts';
import { bagOf, TermMatcher, termsOf } from './matching.ts';
import type { AnswerPrompt } from './prompt.ts';
import { type Statement, splitStatements } from './statements.ts';

/** The whole reply when the passages do not answer the question. */
export const NO_ANSWER = '[no-answer]';

/**
 * Share of the question, weighed by rarity, that must be spoken of. Questions about other subjects than the passages'
 * stay below 0.4 as a rule; of those that are answered, 24 in 25 reach it. The others are asked in words that the text does not use:
 * they are refused, too, as is better than an answer without ground.
 */
const LEAST_COVERAGE = 0.36;
const MOST_STATEMENTS = 2;
/** A further sentence must be nearly as good as the best one, the more so in another passage. */
const FURTHER_SHARE = 0.65;
const ELSEWHERE_SHARE = 0.9;
/** Items of a list that the best sentence announces with a colon. */
const MOST_ITEMS = 8;
const ANNOUNCES = /[:：]\W{0,3}$/u;

/** Answers in the words of the passages, or `NO_ANSWER`. */
export function answerFromPassages(prompt: AnswerPrompt): string {
  if (namesWhatNoPassageMentions(prompt)) return NO_ANSWER;
  const ranked = rankEvidence(prompt);
  const chosen = chooseStatements(ranked);
  const coverage = Math.max(0, ...chosen.map(evidence => evidence.coverage));
  if (coverage < LEAST_COVERAGE) return NO_ANSWER;
  // Nothing without a number tells how many. Times and names are also told by words that are not known as such.
  if (askedKind(prompt.question) === 'number' && !chosen.some(({ fits }) => fits)) return NO_ANSWER;
  const statements = chosen.flatMap(({ statement }) => [statement, ...itemsBelow(prompt, statement)]);
  return distinct(statements)
    .map(({ text, passage }) => `${text} [${prompt.passages[passage]?.id ?? ''}]`)
    .join(' ');
}

/** Whatever else they say, passages that never mention Frankfurt do not tell the price there. */
function namesWhatNoPassageMentions({ standaloneQuestion, passages }: AnswerPrompt): boolean {
  const names = termsOf(standaloneQuestion).filter(({ name }) => name);
  const bags = passages.map(({ title, place, text }) => bagOf(`${title} ${place} ${text}`));
  const matcher = new TermMatcher(
    names,
    bags.flatMap(({ counts }) => [...counts.keys()]),
  );
  return names.some(name => bags.every(bag => matcher.match(name, bag).strength === 0));
}

function chooseStatements(ranked: readonly Evidence[]): Evidence[] {
  const best = ranked[0];
  if (!best || best.score <= 0) return [];
  const further = ranked.slice(1).filter(each => addsTo(best, each));
  const texts = new Set<string>();
  return [best, ...further]
    .filter(({ statement: { text } }) => !texts.has(text) && texts.add(text))
    .slice(0, MOST_STATEMENTS);
}

/** Whether a statement is nearly as good as the best one, and speaks of something in the question that that one leaves out. */
function addsTo(best: Evidence, { statement, score, spoken }: Evidence): boolean {
  const share = statement.passage === best.statement.passage ? FURTHER_SHARE : ELSEWHERE_SHARE;
  return score >= share * best.score && spoken.some((strength, term) => strength > (best.spoken[term] ?? 0));
}

/** `There are two modes:` says little without the items that follow it. */
function itemsBelow({ passages }: AnswerPrompt, statement: Statement): Statement[] {
  const passage = passages[statement.passage];
  if (!passage || !ANNOUNCES.test(statement.text)) return [];
  const all = splitStatements(passage, statement.passage);
  const position = all.findIndex(({ text, heading }) => text === statement.text && heading === statement.heading);
  const below = all.slice(position + 1);
  const end = below.findIndex(({ kind, heading }) => kind === 'sentence' || heading !== statement.heading);
  return below.slice(0, end < 0 ? undefined : end).slice(0, MOST_ITEMS);
}

function distinct(statements: readonly Statement[]): Statement[] {
  const texts = new Set<string>();
  return statements.filter(({ text }) => !texts.has(text) && texts.add(text));
}
