import type { Block, BlockPlace } from './block.ts';

/** A row's cells by column; a gap or an empty string is an empty cell. */
export type Row = readonly (string | undefined)[];

export const fold = (text: string | undefined): string => text?.replace(/\s+/gu, ' ').trim() ?? '';

const separator = '; ';

/**
 * A row as one line: `Column: value; …` with a header, the values alone without. Empty cells are left out.
 * A value in a column without a name stands alone.
 */
export function rowLine(row: Row, header?: Row): string {
  const parts: string[] = [];
  row.forEach((cell, column) => {
    const value = fold(cell);
    if (value === '') return;
    const name = fold(header?.[column]);
    parts.push(name === '' ? value : `${name.replace(/:$/, '')}: ${value}`);
  });
  return parts.join(separator);
}

/** The header as its own line. */
export const headerLine = (header: Row): string => rowLine(header);

/**
 * Rows as blocks. The header is a row of its own, and repeated by reference in the rows below.
 * @param header undefined when the table has none
 */
export function* tableBlocks(rows: Iterable<Row>, header: Row | undefined, place: BlockPlace): Generator<Block> {
  const line = header && headerLine(header);
  if (line) yield { kind: 'table-row', text: line, place };
  for (const row of rows) {
    const text = rowLine(row, header);
    if (text !== '') yield { kind: 'table-row', text, place, ...(line ? { header: line } : {}) };
  }
}

/**
 * The header of a table whose format marks none: the first row, when it names at least two columns, all of them apart,
 * and in words.
 * @returns the header and the rows below it
 */
export function splitHeader(rows: readonly Row[]): { header?: Row; body: readonly Row[] } {
  const [first, ...body] = rows;
  return first && body.length > 0 && looksLikeHeader(first) ? { header: first, body } : { body: rows };
}

/** Whether a row names columns: two or more, short, in words, and no name twice. */
export function looksLikeHeader(row: Row): boolean {
  const names = row.map(fold).filter(name => name !== '');
  if (names.length < 2) return false;
  if (names.some(name => name.length > 80 || isValue(name))) return false;
  return new Set(names).size === names.length;
}

/** Numbers, amounts, percentages, dates and times are values, not names. A bare year may name a column. */
const isValue = (text: string) => !/^(19|20)\d\d$/.test(text) && /^[^\p{L}]*\d[^\p{L}]*$/u.test(text);
