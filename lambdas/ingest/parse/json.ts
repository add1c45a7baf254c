import { type Block, BlockList, type ParsedDocument, type Source, type TextReader } from './block.ts';
import { decodeText } from './decode-text.ts';
import type { FormatOptions } from './format-options.ts';
import { addChosenRecords } from './json-records.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

/** JSON and JSON Lines: each object is a record, `key: value; …`, or what the rules say. What is no JSON after all is read as plain lines. */
export function read({ bytes, options }: Source): ParsedDocument {
  const { text } = decodeText(bytes);
  const list = new BlockList();
  const whole = parseJson(text);
  if (whole) addChosenRecords(list, whole.value, options.json);
  else for (const line of text.split(/\r?\n/)) addLine(list, line, options);
  return { blocks: list.blocks };
}

/** Whether the lines are JSON each, as far as the start of the file shows. */
export function isJsonLines(start: string): boolean {
  const lines = start.split('\n').slice(0, -1); // the last one may be cut
  const filled = lines.filter(line => line.trim() !== '');
  return filled.length > 1 && filled.slice(0, 10).every(line => parseJson(line) !== undefined);
}

/** Reads JSON Lines. */
export const streamReader = (options: FormatOptions = {}): TextReader => new LineReader(options);

class LineReader implements TextReader {
  readonly #options: FormatOptions;
  #rest = '';

  constructor(options: FormatOptions) {
    this.#options = options;
  }

  write(text: string): Block[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > limits.characters) throw unreadable('too-large', 'characters');
    return readLines(lines, this.#options);
  }

  end(): Block[] {
    return readLines([this.#rest], this.#options);
  }
}

function readLines(lines: readonly string[], options: FormatOptions): Block[] {
  const list = new BlockList();
  for (const line of lines) addLine(list, line, options);
  return list.blocks;
}

function addLine(list: BlockList, line: string, { json }: FormatOptions): void {
  const parsed = parseJson(line);
  if (parsed) addChosenRecords(list, parsed.value, json);
  else list.add({ kind: 'paragraph', text: line, place: {} });
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof RangeError) throw unreadable('too-deep'); // the parser's stack is used up
    throw error;
  }
}
