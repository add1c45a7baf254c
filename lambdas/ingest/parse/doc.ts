import { type Block, BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { ByteReader } from './byte-reader.ts';
import { CompoundFile } from './compound-file.ts';
import { type DocParagraph, readDocParagraphs, readDocText } from './doc-text.ts';
import { readSummaryTitle } from './summary.ts';
import { fold, splitHeader, tableBlocks } from './table.ts';
import { unreadable } from './unreadable.ts';

/** Old Word documents (MS-DOC, Word 97 to 2003): body with headings, lists and tables, then notes and text boxes. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const file = new CompoundFile(bytes);
  const main = file.read('WordDocument');
  if (!main) throw unreadable('corrupt-file', 'the document inside it');
  const header = new ByteReader(main);
  const flags = header.u16(10);
  if ((flags & 0x0100) !== 0) throw unreadable('encrypted');
  if (header.u16(0) !== 0xa5ec || header.u16(2) < 0xc1) throw tooOld();
  const table = file.read((flags & 0x0200) !== 0 ? '1Table' : '0Table');
  if (!table) throw unreadable('corrupt-file', 'the document inside it');
  signal?.throwIfAborted();

  const list = new BlockList();
  const text = readDocText(header, new ByteReader(table));
  const paragraphs = readDocParagraphs(header, new ByteReader(table), text);
  for (const block of bodyBlocks(paragraphs('main'))) list.add(block);
  for (const part of ['footnotes', 'endnotes'] as const) {
    for (const note of paragraphs(part)) list.add({ kind: 'note', text: note.text, place: {} });
  }
  for (const block of bodyBlocks(paragraphs('textboxes'))) list.add(block);
  const heading = list.blocks.find(block => block.kind === 'heading' && block.level === 1);
  const title = readSummaryTitle(file) ?? sensibleTitle(heading?.text);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

const tooOld = () =>
  unreadable(
    'unsupported-format',
    'The file is a Word document of before 1997, which cannot be read. Save it as .docx and upload that.',
  );

function* bodyBlocks(paragraphs: Iterable<DocParagraph>): Generator<Block> {
  let rows: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  for (const { text, role, level, inTable, endsCell, endsRow } of paragraphs) {
    if (endsRow) {
      rows.push(cells);
      cells = [];
      cell = '';
    } else if (inTable) {
      cell += ` ${text}`;
      if (endsCell) {
        cells.push(fold(cell));
        cell = '';
      }
    } else {
      yield* rowBlocks(rows);
      rows = [];
      yield { kind: role, text, place: {}, ...(level === undefined ? {} : { level }) };
    }
  }
  yield* rowBlocks(cells.length > 0 ? [...rows, cells] : rows);
}

function* rowBlocks(rows: readonly string[][]): Generator<Block> {
  const filled = rows.filter(row => row.some(cell => cell !== ''));
  const { header, body } = splitHeader(filled);
  yield* tableBlocks(body, header, {});
}
