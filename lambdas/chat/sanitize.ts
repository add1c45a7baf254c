import type { AllowedLinks } from './allowed-links.ts';
import { withoutInvisible } from './invisible.ts';
import {
  escapedBackticks,
  type Fence,
  isActive,
  isAfterMarkers,
  readFenced,
  readFenceStart,
  readSpan,
} from './sanitize-code.ts';
import {
  type InlineReader,
  mayBeginUrl,
  readAmpersand,
  readAngle,
  readAt,
  readBackslash,
  readBracket,
  readColon,
  readDestination,
  readExclamation,
  readUrl,
  type Step,
} from './sanitize-inline.ts';

const READERS: Readonly<Record<string, InlineReader>> = {
  '\\': readBackslash,
  '<': readAngle,
  '!': readExclamation,
  ']': readBracket,
  '&': readAmpersand,
  '@': readAt,
};

/** May be a table's second line: what follows it, up to a blank line, may be rows. */
const isDelimiterRow = (line: string): boolean => line.includes('-') && /^[\s>|:+*\d.)-]+$/.test(line);

/**
 * Takes out of an answer, as it is written, what could act on its own in a client that shows Markdown: images, HTML, and
 * links that do not stand in the sources. Text, lists, tables and code stay. However the text is cut into pieces, the
 * result is the same.
 *
 * What may become something to take out is held back until it is known, at most some two thousand characters; nearly
 * always less than a word. An image becomes its description, a link its text, a bare address `…`, an unknown tag text.
 * The output is such that a reader of CommonMark with GitHub's extensions finds no image, no HTML and no other link in it:
 * it has no definitions, no bracket that a foreign destination follows, no entity that hides a character of an address,
 * and code only where every reader sees code.
 */
export class AnswerSanitizer {
  readonly #links: AllowedLinks;
  #pending = '';
  /** The first half of a character that the piece's end cut in two. */
  #half = '';
  #written = '';
  /** What is written of the current line. */
  #line = '';
  #afterBracket: 'link' | 'image' | undefined;
  #fence: Fence | undefined;
  #inTable = false;
  /** There is code with a pipe on this line. */
  #hasPipedCode = false;
  /** Code on this line would act if the line were a table's header. */
  #mustNotBeHeader = false;
  #taken = 0;

  constructor(links: AllowedLinks) {
    this.#links = links;
  }

  /** Characters read, without invisible ones; and of these, how many are dealt with. */
  get progress(): { readonly read: number; readonly done: number } {
    return { read: this.#taken + this.#pending.length + this.#half.length, done: this.#taken };
  }

  /** @returns what can be shown now; may be empty */
  read(piece: string): string {
    const text = this.#half + piece;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    this.#pending += withoutInvisible(text.slice(0, text.length - this.#half.length));
    return this.#write(false);
  }

  /** @returns what was held back */
  end(): string {
    this.#pending += this.#half;
    this.#half = '';
    return this.#write(true);
  }

  #write(final: boolean): string {
    this.#written = '';
    while (this.#pending !== '') {
      const step = this.#fence ? this.#readFence(this.#fence, final) : this.#readText(final);
      if (!step) break;
      this.#take(step);
    }
    return this.#written;
  }

  #take({ length, text, closes }: Step): void {
    this.#pending = this.#pending.slice(length);
    this.#taken += length;
    if (text === '') return;
    this.#written += text;
    this.#afterBracket = closes;
    const [first = '', ...rest] = text.split('\n');
    this.#line += first;
    for (const line of rest) {
      this.#endLine();
      this.#line = line;
    }
  }

  #endLine(): void {
    if (this.#line.trim() === '') this.#inTable = false;
    else if (isDelimiterRow(this.#line)) this.#inTable = true;
  }

  #readFence(fence: Fence, final: boolean): Step | undefined {
    const step = readFenced(this.#pending, fence, this.#line === '', final);
    if (step?.closed) this.#fence = undefined;
    return step;
  }

  #readText(final: boolean): Step | undefined {
    const next = this.#pending.charAt(0);
    if (this.#line === '' || (isAfterMarkers(this.#line) && (next === '`' || next === '~'))) {
      const start = readFenceStart(this.#pending, this.#line, final);
      if (start === undefined) return undefined;
      if (start !== 'none') {
        this.#fence = start.fence;
        return start;
      }
    }
    if (next === '\n') return this.#readLineEnd(final);
    if (next === '`') return this.#readCode(final);
    if (next === '~') return this.#readTildes(final);
    const place = { line: this.#line, afterBracket: this.#afterBracket, final, links: this.#links };
    const reader = this.#readerFor(next);
    if (reader) return reader(this.#pending, place);
    const plain = this.#plainLength(final);
    if (plain > 0) return { length: plain, text: this.#pending.slice(0, plain) };
    return readUrl(this.#pending, place);
  }

  #readerFor(next: string): InlineReader | undefined {
    if (this.#afterBracket && next === '(') return readDestination;
    if (this.#afterBracket && next === ':') return readColon;
    return READERS[next];
  }

  /** How much of the text begins nothing. */
  #plainLength(final: boolean): number {
    const text = this.#pending;
    // Blanks at the start of a line count as text once it is known that no fence follows them.
    const specials = /[\\`<!&@\n\]~]|[A-Za-z]+/g;
    for (const { 0: found, index } of text.matchAll(specials)) {
      if (!/[A-Za-z]/.test(found)) return index;
      const isWordStart = index > 0 || !/[A-Za-z]$/.test(this.#line);
      const isLast = index + found.length === text.length && !final;
      if (isWordStart && mayBeginUrl(found, isLast)) return index;
    }
    return text.length;
  }

  /** The cells of a table end at a pipe even within backticks, and then nothing after it on the line is surely code. */
  #readCode(final: boolean): Step | undefined {
    const step = readSpan(this.#pending, final);
    if (!step || step.text.startsWith('\\')) return step;
    const isPiped = this.#hasPipedCode || step.text.includes('|');
    if (isPiped && isActive(step.text)) {
      if (this.#inTable) return escapedBackticks(/^`+/.exec(step.text)?.[0].length ?? 0);
      this.#mustNotBeHeader = true;
    }
    this.#hasPipedCode = isPiped;
    return step;
  }

  /** Where a fence could begin and none does, a run of tildes must not be taken for one. */
  #readTildes(final: boolean): Step | undefined {
    const [run = ''] = /^~+/.exec(this.#pending) ?? [];
    if (run === this.#pending && !final && run.length < 3) return undefined;
    const couldOpen = this.#line.trim() === '' || isAfterMarkers(this.#line);
    return { length: run.length, text: couldOpen && run.length > 2 ? `\\${run}` : run };
  }

  /** The next line must not make a table's header of a line whose code would then be none. */
  #readLineEnd(final: boolean): Step | undefined {
    this.#hasPipedCode = false;
    if (!this.#mustNotBeHeader) return { length: 1, text: '\n' };
    const [, blanks = '', next] = /^\n([ \t]{0,100})([^ \t])?/.exec(this.#pending) ?? [];
    if (next === undefined && blanks.length < 100 && !final) return undefined;
    this.#mustNotBeHeader = false;
    return { length: 1, text: next === undefined || /[|:>-]/.test(next) ? '\n\n' : '\n' };
  }
}
