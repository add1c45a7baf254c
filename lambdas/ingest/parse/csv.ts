import { CsvError } from 'csv-parse';
import { parse as parseCsv } from 'csv-parse/sync';
import { type Block, BlockList, type ParsedDocument, type Source, type TextReader } from './block.ts';
import { decodeText } from './decode-text.ts';
import type { FormatOptions } from './format-options.ts';
import { limits } from './limits.ts';
import { SheetRows } from './sheet-rows.ts';
import { unreadable } from './unreadable.ts';

/** Comma-, semicolon-, tab- or bar-separated values: a row a block, named by the header. */
export function read({ bytes, options }: Source): ParsedDocument {
  const text = decodeText(bytes).text.replace(/\r\n?/g, '\n');
  const list = new BlockList();
  const reader = new CsvReader(text, options, limits.cells);
  for (const block of [...reader.write(text), ...reader.end()]) list.add(block);
  return { blocks: list.blocks };
}

/** @param start some first lines, which tell the delimiter */
export const streamReader = (start: string, options: FormatOptions = {}): TextReader => new CsvReader(start, options);

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

/** A record is not longer than this; a quote that is still open then was never meant to be one. */
const maxRecordBytes = 1_000_000;
/** Bytes parsed at a time. */
const windowBytes = 262_144;
/** Rows with a quote that never closes; in a file with more of them quotes are ordinary characters. */
const maxOpenQuotes = 20;
const lineBreak = 0x0a;

class CsvReader implements TextReader {
  readonly #delimiter: string;
  readonly #rows: SheetRows;
  #blocks: Block[] = [];
  #cellsLeft: number;
  #openQuotes = 0;
  /** What has come and is not parsed yet: the rest of a record at least. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Parsing waits until there is so much. */
  #enough = windowBytes;

  constructor(start: string, { csv = {} }: FormatOptions, maxCells = Number.POSITIVE_INFINITY) {
    this.#delimiter = csv.delimiter ?? detectDelimiter(start);
    this.#cellsLeft = maxCells;
    this.#rows = new SheetRows({}, block => this.#blocks.push(block), csv.headerRow);
  }

  write(text: string): Block[] {
    const bytes = Buffer.from(text);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= this.#enough) this.#parse(false);
    return this.#take();
  }

  end(): Block[] {
    this.#parse(true);
    this.#rows.end();
    return this.#take();
  }

  #take(): Block[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    return blocks;
  }

  #parse(isEnd: boolean): void {
    const bytes = Buffer.concat(this.#pending);
    // The last line may go on.
    const lines = bytes.lastIndexOf(lineBreak) + 1;
    const end = isEnd || (lines === 0 && bytes.length > maxRecordBytes) ? bytes.length : lines;
    let at = 0;
    while (at < end) {
      const parsed = this.#readRecords(bytes.subarray(at, end), this.#openQuotes < maxOpenQuotes);
      at += parsed.bytes;
      if (parsed.complete) break;
      // The rest is within quotes, or seems to be: it may close further on.
      if (!isEnd && end - at <= maxRecordBytes) break;
      at = this.#readLineAsItIs(bytes, at);
    }
    // Buffer.concat made a copy: what is left must not keep all of it.
    this.#pending = [Buffer.from(bytes.subarray(at))];
    this.#pendingBytes = bytes.length - at;
    this.#enough = this.#pendingBytes + windowBytes;
  }

  /** A quote that never closes would swallow all that follows: in this line it is an ordinary character. */
  #readLineAsItIs(bytes: Buffer, at: number): number {
    this.#openQuotes += 1;
    const end = bytes.indexOf(lineBreak, at) + 1 || bytes.length;
    this.#readRecords(bytes.subarray(at, end), false);
    return end;
  }

  /** @returns how far it got, at the end of a record; all the way if `complete` */
  #readRecords(bytes: Buffer, quoted: boolean): { bytes: number; complete: boolean } {
    let done = 0;
    try {
      parseCsv(bytes, {
        delimiter: this.#delimiter,
        quote: quoted ? '"' : null,
        record_delimiter: '\n',
        relax_column_count: true,
        relax_quotes: true,
        skip_empty_lines: true,
        on_record: (record: string[], info) => {
          done = info.bytes;
          this.#cellsLeft -= record.length;
          if (this.#cellsLeft < 0) throw unreadable('too-large', 'cells');
          this.#rows.add(record);
          return null; // nothing is kept twice
        },
      });
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      return { bytes: done, complete: false };
    }
    return { bytes: bytes.length, complete: true };
  }
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
