import { estimateTokens } from './tokens.ts';

/** A span of a block that is never cut: all of it, a sentence, or a part of one that is too long. */
export interface Unit {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Estimated, with the line break before it. */
  readonly tokens: number;
  readonly opensBlock: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface UnitSizes {
  /** Blocks and sentences up to this stay whole, if they can. */
  readonly wholeTokens: number;
  /** No unit is larger than this. */
  readonly maxTokens: number;
}

/** Text with fewer tokens for its length is no text that the estimate was made for. */
const maxTokenLength = 16;

/** Sentences are looked for in windows of about this many characters, which keeps the search linear. */
const windowLength = 8_192;

/**
 * Cuts a block's text into units, none of them white space alone: whole if small, else at line breaks, sentences, words,
 * code points, in this order.
 * @param textTokens of the whole text, estimated
 */
export function* unitsOf(text: string, textTokens: number, sizes: UnitSizes): Generator<Unit> {
  if (textTokens <= sizes.wholeTokens && text.length < sizes.wholeTokens * maxTokenLength && /\S/.test(text)) {
    yield { start: 0, end: text.length, opensBlock: true, tokens: textTokens + 1 };
    return;
  }
  let opensBlock = true;
  for (const { start, end } of spansOf(text, { start: 0, end: text.length }, sizes)) {
    const slice = text.slice(start, end);
    if (!/\S/.test(slice)) continue;
    yield { start, end, opensBlock, tokens: estimateTokens(slice) + (opensBlock ? 1 : 0) };
    opensBlock = false;
  }
}

function* spansOf(text: string, span: Span, sizes: UnitSizes): Generator<Span> {
  if (fits(text, span, sizes.wholeTokens)) {
    yield span;
    return;
  }
  for (const line of linesOf(text, span)) {
    if (fits(text, line, sizes.wholeTokens)) yield line;
    else for (const sentence of sentencesOf(text, line)) yield* partsOf(text, sentence, sizes);
  }
}

/** A text of fewer characters than tokens allowed cannot be too long by more than a little: no need to count. */
const fits = (text: string, { start, end }: Span, tokens: number) =>
  end - start <= tokens / 2 ||
  (end - start < tokens * maxTokenLength && estimateTokens(text.slice(start, end)) <= tokens);

function* linesOf(text: string, { start, end }: Span): Generator<Span> {
  for (let at = start; at < end; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 || newline >= end ? end : newline + 1;
    yield { start: at, end: next };
    at = next;
  }
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });

function* sentencesOf(text: string, { start, end }: Span): Generator<Span> {
  for (let at = start; at < end; ) {
    const windowEnd = end - at <= windowLength ? end : cutBefore(text, at, at + windowLength);
    let from = at;
    for (const { segment } of segmenter.segment(text.slice(at, windowEnd))) {
      const to = from + segment.length;
      // The last sentence of a window may go on behind it: it is read again at the start of the next one.
      if (to === windowEnd && windowEnd < end && from > at) break;
      yield { start: from, end: to };
      from = to;
    }
    at = from;
  }
}

/** Words together up to `wholeTokens`. */
function* partsOf(text: string, span: Span, { wholeTokens, maxTokens }: UnitSizes): Generator<Span> {
  if (fits(text, span, maxTokens)) {
    yield span;
    return;
  }
  let start = span.start;
  let tokens = 0;
  for (const word of wordsOf(text, span)) {
    const wordTokens = estimateTokens(text.slice(word.start, word.end));
    if (tokens > 0 && tokens + wordTokens > wholeTokens) {
      yield { start, end: word.start };
      start = word.start;
      tokens = 0;
    }
    tokens += wordTokens;
    if (wordTokens > maxTokens) {
      yield* codePointParts(text, word, wholeTokens / wordTokens);
      start = word.end;
      tokens = 0;
    }
  }
  if (start < span.end) yield { start, end: span.end };
}

/** Words with the white space around them. */
function* wordsOf(text: string, { start, end }: Span): Generator<Span> {
  // A slice, since a word without an end would be followed through the whole document.
  for (const { 0: word, index } of text.slice(start, end).matchAll(/\s*\S+\s*/g)) {
    yield { start: start + index, end: start + index + word.length };
  }
}

/** Equal parts of a monstrous word, each `share` of it. */
function* codePointParts(text: string, { start, end }: Span, share: number): Generator<Span> {
  const length = Math.max(2, Math.floor((end - start) * share));
  for (let at = start; at < end; ) {
    const next = at + length >= end ? end : outsidePair(text, at + length);
    yield { start: at, end: next };
    at = next;
  }
}

/** The last place before `limit` where a word starts; `limit` itself where there is none. */
function cutBefore(text: string, start: number, limit: number): number {
  for (let at = limit; at > limit - 256 && at > start; at--) {
    if (/\s/.test(text.charAt(at - 1))) return at;
  }
  return outsidePair(text, limit);
}

/** Never between the halves of a surrogate pair. */
function outsidePair(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
}
