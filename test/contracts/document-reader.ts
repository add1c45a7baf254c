import { expect, it } from 'vitest';
import type { Chunk } from '../../lambdas/document.ts';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { limits } from '../../lambdas/ingest/parse/limits.ts';
import type { DocumentFile, DocumentReader } from '../../lambdas/ingest/ports.ts';

/** A file that arrives in pieces of `pieceBytes`. */
export function fileOf(content: string | Uint8Array, key: string, pieceBytes = 1_000): DocumentFile {
  const bytes = Buffer.from(content);
  const pieces = async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  };
  return { key, size: bytes.length, timeLimitMs: 20_000, pieces: pieces() };
}

/** Reads a file and keeps its chunks. */
export async function readWhole(read: DocumentReader, file: DocumentFile) {
  const chunks: Chunk[] = [];
  const summary = await read(file, async batch => void chunks.push(...batch));
  return { ...summary, chunks };
}

const paragraphs = (count: number) =>
  Array.from({ length: count }, (_, index) => `Paragraph ${index} tells of rivers, ships and ports.`);

/** What every reader must do that cuts chunks of about 100 tokens. */
export function documentReaderContract(reader: () => DocumentReader) {
  it('gives a title and chunks, numbered in reading order', async () => {
    const lines = paragraphs(300);
    const { title, chunkCount, chunks } = await readWhole(
      reader(),
      fileOf(`# Of rivers\n\n${lines.join('\n\n')}\n`, 'documents/rivers.md'),
    );
    expect(title).toBe('Of rivers');
    expect(chunkCount).toBeGreaterThan(20);
    expect(chunks.map(({ index }) => index)).toEqual([...new Array(chunkCount).keys()]);
    for (const line of lines) expect(chunks.some(({ text }) => text.includes(line))).toBe(true);
  });

  it('reads by the options of the format', async () => {
    const file = { ...fileOf('item^price\npen^1\n', 'documents/a.csv'), formats: { csv: { delimiter: '^' } } };
    const { chunks } = await readWhole(reader(), file);
    expect(chunks.map(({ text }) => text).join()).toContain('item: pen; price: 1');
  });

  it('hands over one batch at a time', async () => {
    const file = fileOf(paragraphs(8_000).join('\n\n'), 'documents/many.md', 50_000);
    let [running, most, batches] = [0, 0, 0];
    await reader()(file, async () => {
      running += 1;
      batches += 1;
      most = Math.max(most, running);
      await new Promise(resolve => setTimeout(resolve, 1));
      running -= 1;
    });
    expect(batches).toBeGreaterThan(1);
    expect(most).toBe(1);
  });

  it('reads a file that is too large to be held, row by row, into one text without gaps', async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, row) => `${row},"Harbour ${row % 97}, pier ${row % 13}",in service`,
    );
    const file = fileOf(`id,place,state\n${rows.join('\n')}\n`, 'documents/piers.csv', 64_000);
    const { chunkCount, chunks } = await readWhole(reader(), { ...file, timeLimitMs: 60_000 });
    expect(file.size).toBeGreaterThan(limits.wholeBytes);
    expect(chunks).toHaveLength(chunkCount);
    let end = 0;
    for (const [index, chunk] of chunks.entries()) {
      expect(chunk.index).toBe(index);
      expect(chunk.start - end).toBeLessThanOrEqual(1); // a line break lies between them, at most
      expect(chunk.end - chunk.start).toBe(chunk.text.length);
      end = chunk.end;
    }
    expect(chunks.at(-1)?.text).toMatch(/id: 59999; place: Harbour 53, pier 4; state: in service$/);
    expect(chunks.at(-1)?.context).toBe('id; place; state');
  });

  it('says why a file cannot be read, in a sentence for its owner, and reads the next one', async () => {
    const read = reader();
    const refusal = readWhole(read, fileOf([0x25, 0x50, 0x44, 0x46, 0x2d, 0, 1, 2] as never, 'documents/broken.pdf'));
    await expect(refusal).rejects.toBeInstanceOf(UnreadableDocument);
    await expect(refusal).rejects.toMatchObject({
      code: 'corrupt-file',
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect((await readWhole(read, fileOf('Good.', 'documents/good.txt'))).chunks).toMatchObject([{ text: 'Good.' }]);
  });

  it('fails when the file does not arrive whole', async () => {
    const pieces = async function* () {
      yield Buffer.from('half a ');
      throw new Error('connection reset');
    };
    const file = { ...fileOf('half a file', 'documents/half.txt'), pieces: pieces() };
    await expect(readWhole(reader(), file)).rejects.toThrow('connection reset');
  });

  it('fails when the chunks cannot be stored', async () => {
    const store = () => Promise.reject(new Error('the table is gone'));
    await expect(reader()(fileOf('Text.', 'documents/a.txt'), store)).rejects.toThrow('the table is gone');
  });
}
