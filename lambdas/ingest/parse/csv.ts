import { CsvError } from 'csv-parse';
import { parse as parseCsv } from 'csv-parse/sync';
import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';
import { limits } from './limits.ts';
import { SheetRows } from './sheet-rows.ts';
import { unreadable } from './unreadable.ts';

/** Comma-, semicolon-, tab- or bar-separated values: a row a block, named by the header. */
export function read({ bytes }: Source): ParsedDocument {
  const text = decodeText(bytes).text.replace(/\r\n?/g, '\n');
  const delimiter = detectDelimiter(text);
  try {
    return { blocks: readRows(text, delimiter, true) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // A quote that never closes swallows the rest of the file: then quotes are ordinary characters.
    return { blocks: readRows(text, delimiter, false) };
  }
}

/** The candidate that parts the first lines into the same number of fields, and into the most. */
export function detectDelimiter(text: string): string {
  const lines = text
    .slice(0, 64_000)
    .split('\n')
    .filter(line => line.trim() !== '')
    .slice(0, 20);
  let best = ',';
  let bestScore = 0;
  for (const candidate of [',', ';', '\t', '|']) {
    const counts = lines.map(line => countOutsideQuotes(line, candidate));
    const most = Math.max(...counts);
    const usual = counts.filter(count => count === median(counts)).length / lines.length;
    const score = median(counts) === 0 ? most * 0.001 : (1 + median(counts) * 0.1) * usual;
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function readRows(text: string, delimiter: string, quoted: boolean) {
  const list = new BlockList();
  const rows = new SheetRows({}, block => list.add(block));
  let cells = 0;
  parseCsv(text, {
    delimiter,
    quote: quoted ? '"' : null,
    record_delimiter: '\n',
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    on_record: (record: string[]) => {
      cells += record.length;
      if (cells > limits.cells) throw unreadable('too-large', 'cells');
      rows.add(record);
      return null; // nothing is kept twice
    },
  });
  rows.end();
  return list.blocks;
}

function countOutsideQuotes(line: string, delimiter: string): number {
  let count = 0;
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) count++;
  }
  return count;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
