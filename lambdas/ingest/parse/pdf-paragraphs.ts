import type { Block, BlockKind } from './block.ts';
import type { PdfPage } from './pdf-furniture.ts';
import type { Line } from './pdf-lines.ts';

/** Fonts map their bullets anywhere: real ones, Windows symbols in the private use area, geometric shapes. */
const bullet = /^[•◦▪▫●○■□‣⁃∙·❖➢➤✓✔\uf0a7\uf0b7\uf0d8\uf0fc]\s*/;
const dashBullet = /^[-–—*]\s+(?=\S)/;
const numberMark = /^(\(?(\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])\s+\S/;

/** A heading's letters are at least this many times as large as the text's. */
const headingScale = 1.15;
const maxHeadingLength = 200;

/** Turns lines into headings, paragraphs and list items, page by page. */
export function* paragraphBlocks(pages: readonly PdfPage[]): Generator<Block> {
  const lines = pages.flatMap(page => page.lines);
  const bodySize = commonSize(lines);
  const levels = headingLevels(lines, bodySize);
  const words = wordsOf(lines);
  for (const page of pages) {
    const leading = commonLeading(page.lines);
    for (const group of groupLines(page.lines, bodySize, leading)) {
      const block = toBlock(group, bodySize, levels, words);
      if (block) yield { ...block, place: { page: page.number } };
    }
  }
}

function toBlock(
  group: readonly Line[],
  bodySize: number,
  levels: ReadonlyMap<number, number>,
  words: ReadonlySet<string>,
) {
  const [first] = group;
  if (!first) return undefined;
  const text = joinText(group, words);
  if (isHeading(first, bodySize) && text.length <= maxHeadingLength && /\p{L}/u.test(text)) {
    return { kind: 'heading' as const, level: levels.get(sizeKey(first.size)) ?? 6, text };
  }
  const kind: BlockKind = startsItem(first.text) ? 'list-item' : 'paragraph';
  return { kind, text: text.replace(bullet, '').replace(dashBullet, '') };
}

function* groupLines(lines: readonly Line[], bodySize: number, leading: number): Generator<Line[]> {
  let group: Line[] = [];
  for (const line of lines) {
    const before = group.at(-1);
    if (before && startsParagraph(before, line, group, bodySize, leading)) {
      yield group;
      group = [];
    }
    group.push(line);
  }
  yield group;
}

function startsParagraph(before: Line, line: Line, group: readonly Line[], bodySize: number, leading: number): boolean {
  const step = line.y - before.y;
  if (step < -line.size * 0.5 || line.column !== before.column) return !flowsOn(before, line);
  if (isHeading(line, bodySize) !== isHeading(before, bodySize)) return true;
  if (Math.abs(line.size - before.size) > Math.max(line.size, before.size) * 0.12) return true;
  if (step > Math.max(leading, line.size) * 1.35) return true;
  if (startsItem(line.text)) return true;
  const first = group[0] ?? before;
  return !startsItem(first.text) && isIndented(before, line) && group.length > 1;
}

/** At a column's end a sentence goes on at the top of the next column. */
const flowsOn = (before: Line, line: Line) =>
  /[\p{Ll},;-]$/u.test(before.text) && /^\p{Ll}/u.test(line.text) && before.size === line.size;

/** The first line of a paragraph that is set in, after a line that ends early or a sentence. */
function isIndented(before: Line, line: Line): boolean {
  const indent = line.x - before.x;
  return indent > line.size * 0.8 && indent < line.size * 4 && /[.!?:”"]$/.test(before.text) && !line.isTabular;
}

const startsItem = (text: string) => bullet.test(text) || dashBullet.test(text) || numberMark.test(text);
const isHeading = (line: Line, bodySize: number) => line.size >= bodySize * headingScale && !line.isTabular;

/** Rows of a table keep their lines; lines of prose are joined, and words that were hyphenated at a line's end. */
function joinText(group: readonly Line[], words: ReadonlySet<string>): string {
  let text = '';
  let tabular = false;
  for (const line of group) {
    if (text === '') text = line.text;
    else if (tabular || line.isTabular) text += `\n${line.text}`;
    else
      text = joinHyphenated(text, line.text, words) ?? `${text}${needsSpace(text, line.text) ? ' ' : ''}${line.text}`;
    tabular = line.isTabular;
  }
  return text;
}

/** Chinese and Japanese lines join without a space. */
const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
const needsSpace = (before: string, after: string) => !(wide.test(before.slice(-1)) && wide.test(after.slice(0, 1)));

/** @returns undefined when the line does not end in a hyphenated word */
function joinHyphenated(before: string, after: string, words: ReadonlySet<string>): string | undefined {
  if (before.endsWith('\u00ad')) return before.slice(0, -1) + after;
  if (!/\p{L}[-\u2010]$/u.test(before) || !/^[\p{L}\p{N}]/u.test(after)) return undefined;
  return (keepsHyphen(before, after, words) ? before : before.slice(0, -1)) + after;
}

/** The rest of the document tells: `space-delimited` keeps its hyphen when both words stand elsewhere, apart. */
function keepsHyphen(before: string, after: string, words: ReadonlySet<string>): boolean {
  if (!/^\p{Ll}/u.test(after)) return true;
  const start = (/[\p{L}\p{M}]+$/u.exec(before.slice(-60, -1))?.[0] ?? '').toLowerCase();
  const end = (/^[\p{L}\p{M}]+/u.exec(after)?.[0] ?? '').toLowerCase();
  if (words.has(start + end)) return false;
  return words.has(`${start}-${end}`) || (words.has(start) && words.has(end));
}

/** Every word that stands within a line, and the parts of those with a hyphen. */
function wordsOf(lines: readonly Line[]): Set<string> {
  const words = new Set<string>();
  for (const line of lines) {
    const inner = line.text.toLowerCase().replace(/[-\u2010]$/, '\u00ad'); // a word that is broken here is no evidence
    for (const [word] of inner.matchAll(/[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*\u00ad?/gu)) {
      if (word.endsWith('\u00ad')) continue;
      words.add(word);
      if (word.includes('-')) for (const part of word.split('-')) words.add(part);
    }
  }
  return words;
}

const sizeKey = (size: number) => Math.round(size * 2) / 2;

/** The size that most characters have. */
function commonSize(lines: readonly Line[]): number {
  const characters = new Map<number, number>();
  for (const { size, text } of lines) characters.set(sizeKey(size), (characters.get(sizeKey(size)) ?? 0) + text.length);
  return mostFrequent(characters) ?? 10;
}

/** The usual distance between baselines on a page. */
function commonLeading(lines: readonly Line[]): number {
  const steps = new Map<number, number>();
  lines.forEach((line, index) => {
    const step = line.y - (lines[index - 1]?.y ?? Number.POSITIVE_INFINITY);
    if (step > line.size * 0.5 && step < line.size * 2.5) steps.set(sizeKey(step), (steps.get(sizeKey(step)) ?? 0) + 1);
  });
  return mostFrequent(steps) ?? 0;
}

function mostFrequent(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most) {
      best = value;
      most = count;
    }
  }
  return best;
}

/** The largest size is level 1, the next one level 2 … */
function headingLevels(lines: readonly Line[], bodySize: number): Map<number, number> {
  const headings = lines.filter(line => isHeading(line, bodySize) && line.text.length <= maxHeadingLength);
  const sizes = [...new Set(headings.map(line => sizeKey(line.size)))].sort((a, b) => b - a);
  return new Map(sizes.map((size, index) => [size, Math.min(index + 1, 6)]));
}
