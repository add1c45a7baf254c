import { planSummary, TURNS_READ } from '../chat/history.ts';
import type { Reader, Turn } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { ChatModel, ConversationStore, Prompt } from '../ports.ts';
import type { UpkeepMessage } from './messages.ts';
import { buildSummaryPrompt, buildTitlePrompt } from './prompts.ts';

export interface UpkeepPorts {
  readonly conversations: Pick<ConversationStore, 'recentTurns' | 'suggestTitle' | 'setSummary'>;
  readonly titleModel: ChatModel;
  readonly summaryModel: ChatModel;
}

export interface Upkeep {
  /** `gone`: the conversation or the turn was removed, or never stored. */
  readonly outcome: 'done' | 'gone';
  readonly titled?: boolean;
  /** Turns that the new summary holds, besides those of the one before. */
  readonly summarizedTurns?: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Code points of a title. */
const TITLE_LENGTH = 80;
/** UTF-16 code units of a summary, beyond which a model has not done what it was told. */
const SUMMARY_LENGTH = 4_000;

/**
 * What is done for a conversation after an answer, on nobody's time: it gets a title after its first turn, and a summary of
 * the turns that do not fit the history any more.
 * @param historyTokens the budget that the answers have for history
 * @throws what the models or the store fail with; repeating it does what is left
 */
export async function keepUp(
  { conversations, titleModel, summaryModel }: UpkeepPorts,
  { conversationId, turnId, reader: owner }: UpkeepMessage,
  historyTokens: number,
  signal: AbortSignal,
): Promise<Upkeep> {
  const reader: Reader = { ...owner, groups: [] };
  const path = await pathTo(conversations, conversationId, reader, turnId);
  if (!path) return { outcome: 'gone', inputTokens: 0, outputTokens: 0 };
  const usage = { inputTokens: 0, outputTokens: 0 };

  const ask = async (model: ChatModel, prompt: Prompt): Promise<string> => {
    let text = '';
    for await (const event of model.stream(prompt, signal)) {
      if (event.type === 'text') text += event.text;
      else {
        usage.inputTokens += event.inputTokens;
        usage.outputTokens += event.outputTokens;
      }
    }
    return text;
  };

  const giveTitle = async (): Promise<{ titled?: boolean }> => {
    const [first] = path;
    if (!first || path.length > 1) return {};
    const title = cleanTitle(await ask(titleModel, buildTitlePrompt(first)));
    return { titled: title !== '' && (await conversations.suggestTitle(conversationId, reader, title)) };
  };

  const summarize = async (): Promise<{ summarizedTurns?: number }> => {
    const plan = planSummary(path, historyTokens);
    const last = plan?.turns.at(-1);
    if (!plan || !last) return {};
    const summary = (await ask(summaryModel, buildSummaryPrompt(plan))).trim().slice(0, SUMMARY_LENGTH);
    if (summary === '') throw new Error('The model gave no summary.');
    const kept = await conversations.setSummary(conversationId, last.turnId, reader, summary);
    return { summarizedTurns: kept ? plan.turns.length : 0 };
  };

  const [title, summary] = await Promise.all([giveTitle(), summarize()]);
  return { outcome: 'done', ...title, ...summary, ...usage };
}

/** @returns undefined when there is no such turn */
async function pathTo(
  conversations: UpkeepPorts['conversations'],
  conversationId: string,
  reader: Reader,
  tip: string,
): Promise<Turn[] | undefined> {
  try {
    return await conversations.recentTurns(conversationId, reader, { limit: TURNS_READ, tip });
  } catch (error) {
    const isGone = error instanceof AppFailure && /^(conversation|turn)-not-found$/.test(error.error.kind);
    if (isGone) return undefined;
    throw error;
  }
}

/** Zero-width and bidirectional controls, which could make a title look like something else. */
const INVISIBLE = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** One line without what models like to put around a title. */
function cleanTitle(text: string): string {
  const line =
    text
      .replaceAll(INVISIBLE, '')
      .trim()
      .split(/[\p{Cc}\u2028\u2029]/u)[0] ?? '';
  const bare = line.replace(/^(?:[#*\s"'“”„«‘]|Title:)+/iu, '').replace(/[\s"'”“»’*.。]+$/u, '');
  const points = [...bare];
  return points.length <= TITLE_LENGTH ? bare : `${points.slice(0, TITLE_LENGTH - 1).join('')}…`;
}
