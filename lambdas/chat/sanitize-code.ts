import type { Step } from './sanitize-inline.ts';

/**
 * Code is the one part of an answer that passes unchanged, so what is taken for code here must be code for every reader of
 * Markdown. Where that would depend on lists or quotes around it, a fence is written so that it does not: indented by three
 * columns at most, and closed before a line that may lie outside its list.
 */
export interface Fence {
  /** The character and how often it stands in the opening line. */
  readonly character: '`' | '~';
  readonly length: number;
  /** Columns before the opening line as it is written, 0 to 3. */
  readonly indent: number;
  /** Columns that are taken from the lines inside, so that they stand under the opening line. */
  readonly outdent: number;
}

/** Longest opening line, run of blanks, and code within a line that are waited for, in UTF-16 code units. */
const MAX_LINE = 300;
const MAX_BLANKS = 100;
const MAX_SPAN = 600;
const MAX_RUN = 32;

/** Markers of lists before the text of a line. */
const LIST_MARKERS = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+$/;
const CONTAINERS = /^[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+|>[ \t]*)+$/;

/** Whether only markers of lists and quotes stand before this point of the line, so that a fence could begin here. */
export const isAfterMarkers = (line: string): boolean => CONTAINERS.test(line);

export type FenceStart = (Step & { readonly fence: Fence }) | 'none' | undefined;

/**
 * Looks for the opening line of a fence.
 * @param line what is written of the line: nothing, or markers of a list
 * @returns `none` when there is none; undefined when more text is needed to know
 */
export function readFenceStart(text: string, line: string, final: boolean): FenceStart {
  const blanks = /^[ \t]{0,100}/.exec(text)?.[0] ?? '';
  const rest = text.slice(blanks.length);
  if (rest === '') return final || blanks.length >= MAX_BLANKS ? 'none' : undefined;
  const [run = ''] = /^(?:`+|~+)/.exec(rest) ?? [];
  if (run === rest && !final && run.length < MAX_LINE) return undefined;
  if (run.length < 3 || (line !== '' && !LIST_MARKERS.test(line))) return 'none';
  const opening = openingLine(rest, run, final);
  if (typeof opening !== 'object') return opening;
  const column = columnsOf(line) + columnsOf(blanks);
  const indent = Math.min(column, 3);
  return {
    length: blanks.length + opening.text.length,
    text: `${line === '' ? '' : '\n'}${' '.repeat(indent)}${opening.text}`,
    fence: { character: run.startsWith('~') ? '~' : '`', length: run.length, indent, outdent: column - indent },
  };
}

/** A run of backticks that another follows on its line is no fence, but code within the line. */
function openingLine(rest: string, run: string, final: boolean): { text: string } | 'none' | undefined {
  const lineEnd = rest.indexOf('\n');
  const text = lineEnd < 0 ? rest : rest.slice(0, lineEnd + 1);
  if (text.length > MAX_LINE || (run.startsWith('`') && text.includes('`', run.length))) return 'none';
  return lineEnd < 0 && !final ? undefined : { text };
}

/** A step in a fence; `closed`: the text after it is outside. */
export type FenceStep = (Step & { readonly closed?: boolean }) | undefined;

/** Reads on in a fence, to the end of the line at most. @param atLineStart nothing of the line is written yet */
export function readFenced(text: string, fence: Fence, atLineStart: boolean, final: boolean): FenceStep {
  const lineEnd = text.indexOf('\n');
  const whole = lineEnd < 0 ? text : text.slice(0, lineEnd + 1);
  if (!atLineStart) return { length: whole.length, text: whole };
  const blanks = /^[ \t]{0,100}/.exec(text)?.[0] ?? '';
  const rest = text.slice(blanks.length);
  if (rest === '' && !final && blanks.length < MAX_BLANKS) return undefined;
  const end = closingEnd(rest, fence, final);
  if (end === undefined) return undefined;
  const closing = ' '.repeat(fence.indent) + fence.character.repeat(fence.length);
  const column = columnsOf(blanks);
  if (end > 0 && (fence.indent > 1 || column <= 3)) {
    const endsLine = end === rest.length || rest.charAt(end) === '\n';
    return { length: blanks.length + end, text: endsLine ? closing : `${closing}\n`, closed: true };
  }
  const isBlank = rest === '' || rest.startsWith('\n');
  if (!isBlank && fence.indent > 1 && column < fence.indent) return { length: 0, text: `${closing}\n`, closed: true };
  const cut = blanks.includes('\t') ? 0 : Math.min(fence.outdent, Math.max(0, column - fence.indent));
  return { length: whole.length, text: whole.slice(cut) };
}

/** @returns where the closing run ends, 0 when the line closes nothing, undefined when more text is needed */
function closingEnd(rest: string, { character, length }: Fence, final: boolean): number | undefined {
  const seen = rest.slice(0, MAX_LINE);
  const run = seen.length - seen.replace(character === '`' ? /^`+/ : /^~+/, '').length;
  const [blanks = ''] = /^[ \t]*/.exec(seen.slice(run)) ?? [];
  const end = run + blanks.length;
  if (run === 0) return 0;
  if (end < seen.length) return run >= length && seen.charAt(end) === '\n' ? end : 0;
  if (!final && seen.length < MAX_LINE) return undefined;
  return run >= length ? end : 0; // too long to wait for its end: it is made a closing line
}

/** Columns that blanks and markers take, where a tab goes to the next multiple of four. */
function columnsOf(text: string): number {
  let column = 0;
  for (const character of text) column += character === '\t' ? 4 - (column % 4) : 1;
  return column;
}

/** What code within a line must not hold where it might not be code. */
const ACTIVE = /[<&@]|\]\(|\]:|!\[|:\/\/|www\.|(?:script|xmpp|data):/i;

/** Whether the code would act if it were none. */
export const isActive = (code: string): boolean => ACTIVE.test(code.replaceAll('\\', ''));

/** Reads code between backticks on one line; backticks without an equal run to close them are escaped. */
export function readSpan(text: string, final: boolean): Step | undefined {
  const [run = ''] = /^`+/.exec(text) ?? [];
  if (run.length > MAX_RUN) return escapedBackticks(MAX_RUN);
  if (run.length === text.length && !final) return undefined;
  const end = spanEnd(text, run.length, final);
  if (end === undefined) return undefined;
  return end === 0 ? escapedBackticks(run.length) : { length: end, text: text.slice(0, end) };
}

export const escapedBackticks = (count: number): Step => ({ length: count, text: '\\`'.repeat(count) });

/** @returns where the closing run ends, 0 when there is none, undefined when more text is needed */
function spanEnd(text: string, length: number, final: boolean): number | undefined {
  for (const { 0: found, index } of text.slice(length).matchAll(/`+|\n/g)) {
    const end = length + index + found.length;
    if (found === '\n' || end > MAX_SPAN) return 0;
    if (end === text.length && !final) return undefined;
    if (found.length === length) return end;
  }
  return final || text.length > MAX_SPAN ? 0 : undefined;
}
