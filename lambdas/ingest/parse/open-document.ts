import { type Block, hasText, type TextReader } from './block.ts';
import { decodePieces } from './decode-pieces.ts';
import { decodeText } from './decode-text.ts';
import { detectFormat, type Format } from './detect.ts';
import type { FormatOptions } from './format-options.ts';
import { limits } from './limits.ts';
import { parse } from './parse.ts';
import { unreadable } from './unreadable.ts';

export interface OpenDocument {
  readonly format: Format;
  /** What the document calls itself, if it does. */
  readonly title?: string;
  /** As in `ParsedDocument`. */
  readonly unseen?: string;
  /** In reading order. @throws UnreadableDocument also after some of them */
  readonly blocks: AsyncIterable<readonly Block[]> | Iterable<readonly Block[]>;
}

/** What tells the format and the encoding of a large file. */
const headBytes = 65_536;

/**
 * Opens a file of any format. A large one whose format allows it is read piece by piece, while its blocks are taken; any
 * other one is held in memory and read as a whole, as `parse` does.
 * @param size bytes in all
 * @throws UnreadableDocument for what can never be read as it is
 */
export async function openDocument(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
  key: string,
  options: FormatOptions = {},
): Promise<OpenDocument> {
  if (size <= limits.wholeBytes) return openWhole(await gather(pieces, size), key, options);
  const source = pieces[Symbol.asyncIterator]();
  const head = await takeHead(source);
  const all = resume(head, source);
  const stream = await streamOf(head, key, options);
  if (!stream) return openWhole(await gather(all, size), key, options);
  return { format: stream.format, blocks: readPieces(stream.reader, all) };
}

async function openWhole(bytes: Uint8Array, key: string, options: FormatOptions): Promise<OpenDocument> {
  const { blocks, ...document } = await parse(bytes, key, undefined, options);
  return { ...document, blocks: [blocks] };
}

/** @returns undefined when the format has to be read as a whole */
async function streamOf(
  head: Uint8Array,
  key: string,
  options: FormatOptions,
): Promise<{ format: Format; reader: TextReader } | undefined> {
  if (needsWholeFile(head)) return undefined;
  const format = detectFormat(head, key);
  const start = decodeText(head).text.replace(/\r\n?/g, '\n');
  if (format === 'txt') return { format, reader: (await import('./txt.ts')).streamReader() };
  if (format === 'csv') return { format, reader: (await import('./csv.ts')).streamReader(start, options) };
  if (format !== 'json') return undefined;
  const { isJsonLines, streamReader } = await import('./json.ts');
  return isJsonLines(start) ? { format, reader: streamReader(options) } : undefined;
}

/** Archives and containers have their directory at the end, or all over. */
function needsWholeFile(head: Uint8Array): boolean {
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 1_024)).toString('latin1');
  return start.startsWith('PK') || start.startsWith('\xd0\xcf\x11\xe0') || start.includes('%PDF-');
}

async function* readPieces(reader: TextReader, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Block[]> {
  const budget = new CharacterBudget();
  for await (const text of decodePieces(pieces)) yield budget.spend(reader.write(text));
  yield budget.spend(reader.end());
  if (budget.isUntouched) throw unreadable('no-text');
}

class CharacterBudget {
  #left: number = limits.streamedCharacters;

  get isUntouched(): boolean {
    return this.#left === limits.streamedCharacters;
  }

  /** @returns those with text */
  spend(blocks: readonly Block[]): readonly Block[] {
    const filled = blocks.filter(block => hasText(block.text));
    for (const { text } of filled) this.#left -= text.length;
    if (this.#left < 0) throw unreadable('too-large', 'streamedCharacters');
    return filled;
  }
}

async function takeHead(source: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < headBytes; ) {
    const { done, value } = await source.next();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  return Buffer.concat(pieces);
}

async function* resume(head: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* { [Symbol.asyncIterator]: () => source };
}

/** All bytes, held once. @throws RangeError when there are more than `size` */
async function gather(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const piece of pieces) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}
