import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';
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
