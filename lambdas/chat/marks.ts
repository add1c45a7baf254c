/** What the system prompt asks the model to say when the sources do not hold the answer. */
const NO_ANSWER = '[no-answer]';

/** `[1]`, `[1, 2]`, `[1-3]`: at most two digits each, so that a year in brackets stays text. */
const NUMBERS = String.raw`\d{1,2}(?:\s?[-–]\s?\d{1,2})?`;
const MARK = new RegExp(String.raw`^([ \t]*)\[\s?(${NUMBERS}(?:\s?[,;]\s?${NUMBERS})*)\s?\]`);
const HALF_MARK = /^[ \t]*\[[\d\s,;–-]{0,60}$/;
/** What may surround the marker when a model dresses it up. */
const DRESSING = /^[\s`*_"'“]{0,8}/;

export type ReplyPart =
  | { readonly type: 'text'; readonly text: string }
  /** The ids that a mark names, as the prompt numbers them; `lead` is the blank before it. */
  | { readonly type: 'mark'; readonly ids: readonly number[]; readonly lead: string }
  /** `first`: nothing was said before it, so the whole reply is a refusal. */
  | { readonly type: 'no-answer'; readonly first: boolean };

/** Text as the model wrote it before marks: for showing an earlier answer to the model again. */
export const withoutMarks = (answer: string): string => answer.replaceAll(/[ \t]*\[\d{1,2}\](?!\()/g, '');

/**
 * Cuts a reply that comes in pieces into text, marks and the no-answer marker, wherever the pieces were cut: what may
 * become a mark is held back until it is one or cannot be. Brackets inside `code` are text, since `a[1]` is no mark there.
 * Blanks at the very start and end are dropped.
 */
export class MarkParser {
  #pending = '';
  #begun = false;
  /** The reply is a refusal: what follows the marker is not read. */
  #refused = false;
  /** The run of backticks that opened the code which the scan stands in. */
  #code = '';

  read(piece: string): ReplyPart[] {
    if (!this.#refused) this.#pending += piece;
    return mergeText([...this.#parts(false)]);
  }

  /** What was held back. A mark that the reply's end cut in half is dropped. */
  end(): ReplyPart[] {
    return mergeText([...this.#parts(true)]);
  }

  *#parts(final: boolean): Generator<ReplyPart> {
    if (!this.#begun) {
      const start = this.#readStart(final);
      if (start === 'wait') return;
      if (start === 'no-answer') yield { type: 'no-answer', first: true };
    }
    while (this.#pending !== '') {
      const special = (this.#code ? /`+|\n|\[/ : /`+|[ \t]*\[/).exec(this.#pending);
      const plainEnd = special ? special.index : this.#pending.trimEnd().length;
      if (plainEnd > 0) yield { type: 'text', text: this.#take(plainEnd) };
      if (!special) break;
      const part = this.#readSpecial(special[0], final);
      if (!part) break;
      yield part;
    }
    if (final) this.#pending = '';
  }

  /** Looks for the marker at the start of the reply. */
  #readStart(final: boolean): 'wait' | 'no-answer' | 'text' {
    const dressed = DRESSING.exec(this.#pending)?.[0] ?? '';
    const said = this.#pending.slice(dressed.length).toLowerCase();
    if (said.startsWith(NO_ANSWER)) {
      this.#begun = true;
      this.#refused = true;
      this.#pending = '';
      return 'no-answer';
    }
    if (NO_ANSWER.startsWith(said) && !final) return 'wait';
    this.#begun = true;
    this.#pending = this.#pending.trimStart();
    return 'text';
  }

  /** @returns undefined when more of the reply is needed to know what it is */
  #readSpecial(special: string, final: boolean): ReplyPart | undefined {
    if (special.startsWith('`')) return this.#readBackticks(special, final);
    if (special === '\n') return this.#readLineEnd();
    const said = this.#pending.trimStart().toLowerCase();
    if (said.startsWith(NO_ANSWER)) {
      this.#take(this.#pending.length - said.length + NO_ANSWER.length);
      return { type: 'no-answer', first: false };
    }
    if (NO_ANSWER.startsWith(said)) return undefined;
    if (this.#code) return { type: 'text', text: this.#take(special.length) };
    const mark = MARK.exec(this.#pending);
    if (mark) {
      this.#take(mark[0].length);
      return { type: 'mark', ids: parseIds(mark[2] ?? ''), lead: mark[1] ?? '' };
    }
    if (HALF_MARK.test(this.#pending)) return undefined;
    return { type: 'text', text: this.#take(special.length) };
  }

  #readBackticks(run: string, final: boolean): ReplyPart | undefined {
    if (run.length === this.#pending.length && !final) return undefined;
    if (!this.#code) this.#code = run;
    else if (this.#code === run) this.#code = '';
    return { type: 'text', text: this.#take(run.length) };
  }

  /** Code within a line ends with it, so that a stray backtick does not swallow the marks of the whole reply. */
  #readLineEnd(): ReplyPart {
    if (this.#code.length < 3) this.#code = '';
    return { type: 'text', text: this.#take(1) };
  }

  #take(length: number): string {
    const taken = this.#pending.slice(0, length);
    this.#pending = this.#pending.slice(length);
    return taken;
  }
}

function parseIds(numbers: string): number[] {
  const ids = numbers.split(/[,;]/).flatMap(item => {
    const [from = 0, to = from] = item.split(/[-–]/).map(Number);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  });
  return [...new Set(ids)];
}

/** One text part for text that was read in several steps. */
function mergeText(parts: readonly ReplyPart[]): ReplyPart[] {
  const merged: ReplyPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.type === 'text' && last?.type === 'text')
      merged[merged.length - 1] = { type: 'text', text: last.text + part.text };
    else merged.push(part);
  }
  return merged;
}
