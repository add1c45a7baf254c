import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import type { Reader } from '../conversation.ts';
import { chunkIdOf } from '../document.ts';
import { termsOf } from '../lexical/terms.ts';
import type { AnswerStore, CachedReply, ChatModel, ChatModelEvent, Prompt } from '../ports.ts';
import type { Passage } from './passage.ts';

/** Replies of the model, kept for questions that mean the same and find the same. */
export interface AnswerCache {
  readonly store: AnswerStore;
  /** Least similarity of two questions that mean the same, 0 to 1. */
  readonly similarity: number;
  /** What else a reply depends on: the settings of models and prompts. */
  readonly fingerprint: string;
  /** Told when it cannot be read or written; the question is answered without it then. */
  readonly failed: (error: unknown) => void;
}

/** A question that starts a conversation, and what was found for it just now. */
export interface FoundQuestion {
  readonly text: string;
  readonly embedding: readonly number[];
  readonly reader: Reader;
  /** Live, and allowed to this reader. */
  readonly passages: readonly Passage[];
  readonly model: ChatModel;
}

/** Who replies, and from which passages in which order. */
export interface ReplySource {
  readonly model: ChatModel;
  readonly passages: readonly Passage[];
  /** The reply that `model` repeats. */
  readonly cached?: CachedReply;
  /** Keeps the reply for other questions, once it is whole. Does not fail. */
  keep(): Promise<void>;
}

/** Share of the terms of both questions that they have in common; questions in two languages share hardly any. */
const LEAST_COMMON_TERMS = 0.5;

/**
 * The reply to an earlier question of the same meaning for which exactly the same passages were found; else the question's
 * model. Since the passages were found anew for this reader, each checked to be live and allowed, a document that was
 * added, changed or removed, or a right that changed, shows as other passages and never gets an old reply.
 */
export async function replySource(cache: AnswerCache | undefined, question: FoundQuestion): Promise<ReplySource> {
  const { model, passages } = question;
  if (!cache) return { model, passages, keep: async () => undefined };
  const cached = await recall(cache, question);
  if (!cached) {
    const recorded = recording(model);
    return { model: recorded, passages, keep: () => remember(cache, question, recorded) };
  }
  const byName = new Map(passages.map(passage => [nameOf(passage), passage]));
  const inOrder = cached.passages.flatMap(name => byName.get(name) ?? []);
  return { model: replaying(cached, model.modelId), passages: inOrder, cached, keep: async () => undefined };
}

async function recall(cache: AnswerCache, question: FoundQuestion): Promise<CachedReply | undefined> {
  try {
    const replies = await cache.store.find(keyOf(cache, question));
    return replies.find(reply => meansTheSame(reply, question, cache.similarity));
  } catch (error) {
    cache.failed(error);
    return undefined;
  }
}

/** Only what the model ended by itself, and no guardrail changed. */
async function remember(cache: AnswerCache, question: FoundQuestion, recorded: RecordedModel): Promise<void> {
  const { text, end } = recorded.reply();
  if (end?.stopReason !== 'end_turn' || end.intervention) return;
  const { inputTokens, outputTokens } = end;
  const passages = question.passages.map(nameOf);
  const kept = { question: question.text, embedding: question.embedding, passages, text, inputTokens, outputTokens };
  try {
    await cache.store.put(keyOf(cache, question), { replyId: ulid(), ...kept });
  } catch (error) {
    cache.failed(error);
  }
}

/** Says again what was said. It costs nothing. */
function replaying({ text }: CachedReply, modelId: string): ChatModel {
  async function* stream(): AsyncGenerator<ChatModelEvent> {
    yield { type: 'text', text };
    yield { type: 'end', stopReason: 'end_turn', inputTokens: 0, outputTokens: 0 };
  }
  return { modelId, stream };
}

interface RecordedModel extends ChatModel {
  /** What it said, and how it ended, once it has. */
  reply(): { readonly text: string; readonly end?: ChatModelEvent & { type: 'end' } };
}

function recording(model: ChatModel): RecordedModel {
  let text = '';
  let end: (ChatModelEvent & { type: 'end' }) | undefined;
  async function* stream(prompt: Prompt, signal?: AbortSignal): AsyncGenerator<ChatModelEvent> {
    for await (const event of model.stream(prompt, signal)) {
      if (event.type === 'text') text += event.text;
      else end = event;
      yield event;
    }
  }
  return { modelId: model.modelId, stream, reply: () => ({ text, ...(end && { end }) }) };
}

/** What must be the same but for the question itself. Groups follow from the passages already, and are named all the same. */
function keyOf({ fingerprint }: AnswerCache, { reader, passages, model }: FoundQuestion): string {
  const rights = [reader.tenant, reader.groups.toSorted(), reader.readsOpenDocuments];
  return sha256(JSON.stringify([fingerprint, model.modelId, rights, passages.map(nameOf).toSorted()]));
}

/** All that a prompt shows of a passage, and a quote of it depends on. */
function nameOf({ chunk, parts, head }: Passage): string {
  const ids = [chunk, ...(parts ?? [])].map(chunkIdOf);
  return sha256(JSON.stringify([ids, head.title, chunk.place, chunk.context, chunk.text, chunk.suspicious]));
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** An embedding hardly tells two years or two amounts apart, so numbers must be the same. */
function meansTheSame(one: CachedReply, other: FoundQuestion, similarity: number): boolean {
  if (numbersIn(one.question) !== numbersIn(other.text)) return false;
  if (commonTerms(one.question, other.text) < LEAST_COMMON_TERMS) return false;
  return product(one.embedding, other.embedding) >= similarity;
}

const numbersIn = (text: string): string => (text.match(/\p{Nd}+/gu) ?? []).toSorted().join(' ');

function commonTerms(a: string, b: string): number {
  const [inA, inB] = [new Set(termsOf(a)), new Set(termsOf(b))];
  const all = new Set([...inA, ...inB]).size;
  return all === 0 ? 1 : (inA.size + inB.size - all) / all;
}

/** Of embeddings of length 1: their cosine. */
const product = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0) : 0;
