import { type BudgetPorts, countSpend } from '../chat/budget.ts';
import { planSummary, TURNS_READ } from '../chat/history.ts';
import { meteredModel } from '../chat/metered-model.ts';
import type { Price } from '../chat/prices.ts';
import { type LedgerPorts, recordUse } from '../chat/record-use.ts';
import { UsageMeter } from '../chat/usage-meter.ts';
import type { Reader, Turn, Usage } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import type { ChatModel, ConversationStore, Prompt } from '../ports.ts';
import type { UpkeepMessage } from './messages.ts';
import { buildSummaryPrompt, buildTitlePrompt } from './prompts.ts';

export interface UpkeepPorts extends BudgetPorts, LedgerPorts {
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
  readonly usage: Usage;
}

export interface UpkeepOptions {
  /** The budget that answers have for history. */
  readonly historyTokens: number;
  /** Of the model that titles and summarizes. */
  readonly price: Price | undefined;
}

/** Code points of a title. */
const TITLE_LENGTH = 80;
/** UTF-16 code units of a summary, beyond which a model has not done what it was told. */
const SUMMARY_LENGTH = 4_000;

/**
 * What is done for a conversation after an answer, on nobody's time: it gets a title after its first turn, and a summary of
 * the turns that do not fit the history any more. It is counted for the reader, and never refused.
 * @throws what the models or the store fail with; repeating it does what is left
 */
export async function keepUp(
  ports: UpkeepPorts,
  { conversationId, turnId, reader: owner }: UpkeepMessage,
  { historyTokens, price }: UpkeepOptions,
  signal: AbortSignal,
): Promise<Upkeep> {
  const meter = new UsageMeter({ answer: undefined, condense: price, embedding: undefined });
  const reader: Reader = { ...owner, role: 'reader', groups: [], readsOpenDocuments: false };
  const path = await pathTo(ports.conversations, conversationId, reader, turnId);
  if (!path) return { outcome: 'gone', usage: meter.total() };
  const [title, summary] = await Promise.allSettled([
    giveTitle(ports, path, reader, { meter, signal }),
    summarize(ports, path, reader, { meter, signal, historyTokens }),
  ]);
  const usage = meter.total();
  const spent = { tokens: usage.inputTokens + usage.outputTokens, usd: usage.costUsd };
  if (spent.tokens > 0) {
    const now = new Date();
    await Promise.all([countSpend(ports, reader, spent, now), recordUse(ports, reader, meter, 0, now)]);
  }
  if (title.status === 'rejected') throw title.reason;
  if (summary.status === 'rejected') throw summary.reason;
  return { outcome: 'done', ...title.value, ...summary.value, usage };
}

interface Asking {
  readonly meter: UsageMeter;
  readonly signal: AbortSignal;
}

async function giveTitle(
  { conversations, titleModel }: UpkeepPorts,
  path: readonly Turn[],
  reader: Reader,
  asking: Asking,
): Promise<{ titled?: boolean }> {
  const [first] = path;
  if (!first || path.length > 1) return {};
  if (first.intervention !== undefined) return {}; // what a guardrail kept from the model reaches it by no other way
  const title = cleanTitle(await ask(titleModel, buildTitlePrompt(first), asking));
  return { titled: title !== '' && (await conversations.suggestTitle(first.conversationId, reader, title)) };
}

async function summarize(
  { conversations, summaryModel }: UpkeepPorts,
  path: readonly Turn[],
  reader: Reader,
  { historyTokens, ...asking }: Asking & { readonly historyTokens: number },
): Promise<{ summarizedTurns?: number }> {
  const plan = planSummary(path, historyTokens);
  const last = plan?.turns.at(-1);
  if (!plan || !last) return {};
  const summary = (await ask(summaryModel, buildSummaryPrompt(plan), asking)).trim().slice(0, SUMMARY_LENGTH);
  if (summary === '') throw new Error('The model gave no summary.');
  const kept = await conversations.setSummary(last.conversationId, last.turnId, reader, summary);
  return { summarizedTurns: kept ? plan.turns.length : 0 };
}

/** @returns the whole reply */
async function ask(model: ChatModel, prompt: Prompt, { meter, signal }: Asking): Promise<string> {
  let text = '';
  for await (const event of meteredModel(model, meter, 'condense').stream(prompt, signal))
    if (event.type === 'text') text += event.text;
  return text;
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
