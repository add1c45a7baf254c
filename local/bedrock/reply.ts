import { condenseQuestion } from './condense.ts';
import { summaryFrom, titleFrom } from './conversation-notes.ts';
import type { ConverseRequest } from './converse-request.ts';
import { answerFromPassages } from './extractive-model.ts';
import { type Message, readAnswerPrompt } from './prompt.ts';
import { estimateTokens } from './tokens.ts';

export interface Reply {
  /** What a stream sends one by one; joined they are the whole reply. */
  readonly pieces: readonly string[];
  readonly stopReason: 'end_turn' | 'max_tokens' | 'stop_sequence' | 'guardrail_intervened';
  /** Estimated. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly totalTokens: number };
}

const WORDS_A_PIECE = 4;
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Replies to a valid request by what its metadata says it is for. */
export function replyTo({ system, messages, maxTokens, stopSequences, purpose }: ConverseRequest): Reply {
  const text = textFor(purpose, messages);
  const stopped = cutAtStop(text, stopSequences);
  const pieces = splitPieces(stopped);
  const kept = maxTokens === undefined ? pieces : withinTokens(pieces, maxTokens);
  const inputTokens = estimateTokens([system, ...messages.map(message => message.text)].join('\n'));
  const outputTokens = kept.length === 0 ? 0 : estimateTokens(kept.join(''));
  return {
    pieces: kept,
    stopReason:
      kept.length < pieces.length ? 'max_tokens' : stopped.length < text.length ? 'stop_sequence' : 'end_turn',
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
  };
}

/** `condense` rewrites, `title` and `summarize` note down, everything else answers. */
function textFor(purpose: string | undefined, messages: readonly Message[]): string {
  const last = messages.at(-1)?.text ?? '';
  switch (purpose) {
    case 'condense':
      return condenseQuestion(messages);
    case 'title':
      return titleFrom(last);
    case 'summarize':
      return summaryFrom(last);
    default:
      return answerFromPassages(readAnswerPrompt(last));
  }
}

function cutAtStop(text: string, stopSequences: readonly string[]): string {
  const ends = stopSequences.map(sequence => text.indexOf(sequence)).filter(index => index >= 0);
  return ends.length > 0 ? text.slice(0, Math.min(...ends)) : text;
}

/** Some words each, with the white space and punctuation that follow them. */
function splitPieces(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let count = 0;
  for (const { segment, isWordLike } of words.segment(text)) {
    if (isWordLike && count === WORDS_A_PIECE) {
      pieces.push(piece);
      piece = '';
      count = 0;
    }
    piece += segment;
    if (isWordLike) count += 1;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

function withinTokens(pieces: readonly string[], maxTokens: number): string[] {
  let text = '';
  const end = pieces.findIndex(piece => {
    text += piece;
    return estimateTokens(text) > maxTokens;
  });
  return pieces.slice(0, end < 0 ? undefined : end);
}
