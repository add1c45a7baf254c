import { type Block, BlockList, type ParsedDocument, type Source, type TextReader } from './block.ts';
import { decodeText } from './decode-text.ts';
import { limits } from './limits.ts';
import { addRecords } from './record-blocks.ts';
import { unreadable } from './unreadable.ts';

/** JSON and JSON Lines: each object is a record, `key: value; …`. What is no JSON after all is read as plain lines. */
export function read({ bytes }: Source): ParsedDocument {
  const { text } = decodeText(bytes);
  const list = new BlockList();
  const whole = parseJson(text);
  if (whole) addRecords(list, whole.value);
  else for (const line of text.split(/\r?\n/)) addLine(list, line);
  return { blocks: list.blocks };
}

/** Whether the lines are JSON each, as far as the start of the file shows. */
export function isJsonLines(start: string): boolean {
  const lines = start.split('\n').slice(0, -1); // the last one may be cut
  const filled = lines.filter(line => line.trim() !== '');
  return filled.length > 1 && filled.slice(0, 10).every(line => parseJson(line) !== undefined);
}

/** Reads JSON Lines. */
export const streamReader = (): TextReader => new LineReader();

class LineReader implements TextReader {
  #rest = '';

  write(text: string): Block[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > limits.characters) throw unreadable('too-large', 'characters');
    return readLines(lines);
  }

  end(): Block[] {
    return readLines([this.#rest]);
  }
}

function readLines(lines: readonly string[]): Block[] {
  const list = new BlockList();
  for (const line of lines) addLine(list, line);
  return list.blocks;
}

function addLine(list: BlockList, line: string): void {
  const parsed = parseJson(line);
  if (parsed) addRecords(list, parsed.value);
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
