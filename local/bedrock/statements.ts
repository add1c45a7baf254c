import type { Passage } from './prompt.ts';

/** A span of a passage that can stand in an answer: a sentence, a list item or a table row. */
export interface Statement {
  /** Position of the passage in the prompt, from 0. */
  readonly passage: number;
  /** White space collapsed, list bullet left out. */
  readonly text: string;
  readonly kind: 'sentence' | 'item' | 'row';
  /** The passage's headings above it, innermost last, joined by a space. */
  readonly heading: string;
}

interface Block {
  readonly kind: 'heading' | 'paragraph' | 'item' | 'row';
  readonly text: string;
}

const sentences = new Intl.Segmenter(undefined, { granularity: 'sentence' });
/** Initials and short forms, whose full stop ends no sentence: `J. F. D. Shrewsbury`, `z. B.`, `Dr. Smith`. */
const SHORT_FORM =
  /(?<![\p{L}\p{N}])(?:\p{L}\.)*(?:[\p{sc=Latin}\p{sc=Cyrillic}]|Mr|Mrs|Ms|Dr|Prof|St|Ste|Mt|Fig|vs|pp|Nr|Sr|Sra|Mme|bzw|vgl|ca|cf|approx|Gen|Col|Capt|Lt|Gov|Sen|Rev)\.\s*$/u;
const SHORT_FORM_REACH = 24;
const BULLET = /^\s*(?:[-*+•‣◦▪·–]|\(?\p{Nd}{1,3}[.)]|\(?[a-z][.)])\s+/u;
const MARKED_HEADING = /^\s*(#{1,6})\s+/;
const TABLE_RULE = /^[\s|:+=_*-]+$/;
/** `Column: value; Column: value`, as tables are written out in plain text. */
const NAMED_CELLS = /^[^:;]{1,80}:\s[^;]*;\s*[^:;]{1,80}:\s/;
const SENTENCE_END = /[.!?:;…。！？：；।؟]["'”’»)\]*_]*$/u;
const LONGEST_HEADING_WORDS = 12;
const LONGEST_HEADING = 100;
const LONGEST_LABEL = 40;
/** A line at least this long was probably broken by a page's margin, not by its author. */
const WRAPPED_LINE_LENGTH = 50;

/** @returns the statements of a passage in reading order, headings left out but remembered in `heading` */
export function splitStatements(passage: Passage, position: number): Statement[] {
  const found: Statement[] = [];
  let headings: string[] = [];
  let previous: Block['kind'] | undefined;
  for (const block of splitBlocks(passage.text)) {
    if (block.kind === 'heading') {
      headings = [...(previous === 'heading' ? headings.slice(-1) : []), block.text];
    } else {
      const heading = headings.join(' ');
      for (const text of textsOf(block)) {
        found.push({ passage: position, text, heading, kind: block.kind === 'paragraph' ? 'sentence' : block.kind });
      }
    }
    previous = block.kind;
  }
  return found;
}

function textsOf(block: Block): string[] {
  if (block.kind === 'row') return [block.text];
  const texts: string[] = [];
  for (const { segment } of sentences.segment(block.text)) {
    const last = texts.at(-1);
    if (last !== undefined && SHORT_FORM.test(last.slice(-SHORT_FORM_REACH))) texts[texts.length - 1] = last + segment;
    else texts.push(segment);
  }
  return texts.map(text => text.trim()).filter(text => /[\p{L}\p{N}]/u.test(text));
}

function splitBlocks(text: string): Block[] {
  const lines = text.split(/\r\n|\r|\n/);
  const blocks: Block[] = [];
  let open: string[] = [];
  let openKind: 'paragraph' | 'item' = 'paragraph';
  const close = () => {
    if (open.length > 0) blocks.push({ kind: openKind, text: collapse(open.join(' ')) });
    open = [];
    openKind = 'paragraph';
  };
  lines.forEach((line, i) => {
    const kind = kindOf(line, lines[i - 1], lines[i + 1]);
    if (kind === 'blank') close();
    else if (kind === 'heading' || kind === 'row') {
      close();
      blocks.push({ kind, text: collapse(line.replace(MARKED_HEADING, '').replaceAll('|', ' ')) });
    } else {
      if (kind === 'item' || !continues(open.at(-1), line)) close();
      if (kind === 'item') openKind = 'item';
      open.push(kind === 'item' ? line.replace(BULLET, '') : line);
    }
  });
  close();
  return blocks;
}

function kindOf(line: string, before: string | undefined, after: string | undefined): Block['kind'] | 'blank' {
  if (line.trim() === '' || TABLE_RULE.test(line)) return 'blank';
  if (MARKED_HEADING.test(line)) return 'heading';
  if (BULLET.test(line)) return 'item';
  if (line.trimStart().startsWith('|') || NAMED_CELLS.test(line)) return 'row';
  return standsAsHeading(line, before, after) ? 'heading' : 'paragraph';
}

/** A short line with no punctuation at its end: between blank lines, or as a label right above the text it is about. */
function standsAsHeading(line: string, before: string | undefined, after: string | undefined): boolean {
  const text = line.trim();
  if (after === undefined || SENTENCE_END.test(text) || text.split(/\s+/).length > LONGEST_HEADING_WORDS) return false;
  if (after.trim() === '') return (before ?? '').trim() === '' && text.length <= LONGEST_HEADING;
  return (
    text.length <= LONGEST_LABEL &&
    /^\p{Lu}/u.test(text) &&
    /^\p{Lu}/u.test(after) &&
    after.trim().length > text.length + 10
  );
}

const continues = (before: string | undefined, line: string): boolean =>
  before === undefined ||
  /^\s*\p{Ll}/u.test(line) ||
  (before.trim().length >= WRAPPED_LINE_LENGTH && !/[:：]$/u.test(before.trim()));

const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();
