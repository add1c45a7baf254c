import type { Turn } from '../conversation.ts';
import { estimateTokens } from '../ingest/tokens.ts';

/** What the models are shown of the turns that a question goes on from. */
export interface History {
  /** What was said before `turns`, in few words; absent while nothing is left out. */
  readonly summary?: string;
  /** Oldest first, within their token budget. */
  readonly turns: readonly Turn[];
}

/** What is to be summarized. */
export interface SummaryPlan {
  /** The summary of what was said before `turns`. */
  readonly earlier?: string;
  /** Oldest first, at least one. */
  readonly turns: readonly Turn[];
}

/** Tokens of a summary, at most: 200 words take more of them in some languages than in English. */
export const SUMMARY_MAX_TOKENS = 600;
/** Turns read of a path, from its end: more than are ever left without a summary. */
export const TURNS_READ = 20;
/** With more turns than these a summary is made, even if they are short; as many are left out of it then. */
const MOST_TURNS = { open: 16, kept: 8 };
/** The last turns are shown as they were, also when a summary holds them: a branch may go on right below one. */
const ALWAYS_SHOWN = 2;

/**
 * The newest summary on a path, and the turns after it that fit.
 * @param path oldest turn first, as far back as `TURNS_READ`
 * @param maxTokens for questions and answers together, by estimate; 0: there is no history, not even a summary
 */
export function historyOf(path: readonly Turn[], maxTokens: number): History {
  if (maxTokens === 0) return { turns: [] };
  const summarized = path.findLastIndex(({ summary }) => summary !== undefined);
  const shown = usable(path.slice(Math.max(0, Math.min(summarized + 1, path.length - ALWAYS_SHOWN))));
  const summary = path[summarized]?.summary;
  const fitting = trimHistory(shown, maxTokens);
  const turns = fitting.length > 0 ? fitting : shown.slice(-1).flatMap(turn => shortened(turn, maxTokens) ?? []);
  return { turns, ...(summary !== undefined && { summary }) };
}

/**
 * What of a path is to be summarized next. A summary is made when the turns after the last one exceed their budget, and it
 * leaves out those that take half of it: so one is made every few turns, and everything is either shown or summarized.
 * @returns undefined while all turns since the last summary still fit
 */
export function planSummary(path: readonly Turn[], maxTokens: number): SummaryPlan | undefined {
  const summarized = path.findLastIndex(({ summary }) => summary !== undefined);
  const open = usable(path.slice(summarized + 1));
  const fits = open.length <= MOST_TURNS.open && trimHistory(open, maxTokens).length === open.length;
  if (maxTokens === 0 || fits) return undefined;
  const kept = trimHistory(open, maxTokens / 2).slice(-MOST_TURNS.kept);
  const turns = open.slice(0, open.length - Math.max(1, kept.length));
  if (turns.length === 0) return undefined; // one long turn alone
  const earlier = path[summarized]?.summary;
  return { turns, ...(earlier !== undefined && { earlier }) };
}

/** What a guardrail kept from the model once must not reach it as history. */
const usable = (turns: readonly Turn[]): Turn[] => turns.filter(({ intervention }) => intervention === undefined);

/** A question that is shown with less of its answer than this is not worth showing. Tokens. */
const LEAST_ANSWER = 50;

/** One turn that alone exceeds the budget, with as much of its answer as fits. @returns undefined when next to none does */
function shortened(turn: Turn, maxTokens: number): Turn | undefined {
  const left = maxTokens - estimateTokens(turn.question);
  if (left < LEAST_ANSWER) return undefined;
  // A tenth less than its share, since tokens are not spread evenly over a text.
  const length = Math.floor((0.9 * left * turn.answer.length) / estimateTokens(turn.answer));
  return { ...turn, answer: `${turn.answer.slice(0, length).toWellFormed()} …` };
}

/** The newest turns, oldest first, whose questions and answers fit into `maxTokens` together. */
export function trimHistory(turns: readonly Turn[], maxTokens: number): Turn[] {
  let left = maxTokens;
  const kept: Turn[] = [];
  for (const turn of turns.toReversed()) {
    left -= estimateTokens(turn.question) + estimateTokens(turn.answer);
    if (left < 0) break;
    kept.unshift(turn);
  }
  return kept;
}
