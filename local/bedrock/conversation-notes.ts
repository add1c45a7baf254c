import { z } from 'zod';
import { estimateTokens } from './tokens.ts';

/**
 * What the local model makes of a conversation: nothing is understood, so a title is the first words of the question, and
 * a summary holds the questions with the first sentence of each answer. The message is JSON, as the schemas say.
 */
const turn = z.object({ question: z.string(), answer: z.string().default('') });
const toSummarize = z.object({ summary: z.string().default(''), turns: z.array(turn) });

const TITLE_WORDS = 8;
const MOST_SUMMARY_TOKENS = 300;
const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });

/** @param message JSON with a `question`; anything else is a question itself */
export function titleFrom(message: string): string {
  const question = read(turn, message)?.question ?? message;
  let title = '';
  let count = 0;
  for (const { segment, isWordLike } of words.segment(collapse(question))) {
    if (isWordLike) count += 1;
    if (count > TITLE_WORDS) return `${withoutEnd(title)}…`;
    title += segment;
  }
  return withoutEnd(title);
}

/** @param message JSON with `turns` and perhaps an earlier `summary`; its oldest sentences go when it gets too long */
export function summaryFrom(message: string): string {
  const { summary, turns } = read(toSummarize, message) ?? { summary: message, turns: [] };
  const told = [
    ...split(summary),
    ...turns.flatMap(({ question, answer }) => [collapse(question), ...split(answer).slice(0, 1)]),
  ];
  let left = MOST_SUMMARY_TOKENS;
  const kept = told.toReversed().filter(sentence => {
    left -= estimateTokens(sentence);
    return left >= 0;
  });
  return kept.toReversed().join(' ');
}

function read<Schema extends z.ZodType>(schema: Schema, message: string): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(message)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const split = (text: string): string[] =>
  Array.from(sentences.segment(collapse(text)), ({ segment }) => segment.trim()).filter(Boolean);
const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();
const withoutEnd = (text: string): string => text.replace(/[\s\p{P}]+$/u, '');
