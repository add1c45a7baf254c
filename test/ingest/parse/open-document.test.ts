import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, TextReader } from '../../../lambdas/ingest/parse/block.ts';
import * as csv from '../../../lambdas/ingest/parse/csv.ts';
import { decodePieces } from '../../../lambdas/ingest/parse/decode-pieces.ts';
import * as json from '../../../lambdas/ingest/parse/json.ts';
import { limits } from '../../../lambdas/ingest/parse/limits.ts';
import { openDocument } from '../../../lambdas/ingest/parse/open-document.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';
import * as txt from '../../../lambdas/ingest/parse/txt.ts';

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Text cut into pieces anywhere, also between the halves of a pair. */
const cutText = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.array(fc.nat(40), { maxLength: 8 })).map(([whole, lengths]) => {
    const pieces: string[] = [];
    let at = 0;
    for (const length of lengths) {
      pieces.push(whole.slice(at, at + length));
      at += length;
    }
    return [...pieces, whole.slice(at)];
  });
const readAll = (reader: TextReader, pieces: readonly string[]): Block[] =>
  [...pieces.flatMap(piece => reader.write(piece)), ...reader.end()].filter(({ text }) => text.trim() !== '');

const textOf = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 60 }).map(list => list.join(''));

describe('text that is read piece by piece', () => {
  it.each([
    ['plain text', txt.streamReader, textOf('a', 'word ', '\n', '\n\n', ' \n', '\f', '😀')],
    ['CSV', () => csv.streamReader('a,b\n'), textOf('a', '1', ',', '\n', '"', '""', '",', ',"x\ny"', 'é')],
    ['JSON Lines', json.streamReader, textOf('{"a":1}', '\n', '{"b":"ä', '"}', '[1,2]', ' ')],
  ])('gives the same blocks wherever it is cut: %s', (_, makeReader, text) => {
    fc.assert(
      fc.property(cutText(text), pieces => {
        expect(readAll(makeReader(), pieces)).toEqual(readAll(makeReader(), [pieces.join('')]));
      }),
      { numRuns: 300 },
    );
  });

  it('decodes every encoding as it would as a whole, with every kind of line break', async () => {
    const text = `${'plain\r\n'.repeat(700)}${'Grüße, señor\rnext\n'.repeat(300)}`;
    const encoded = {
      'utf-8': Buffer.from(text),
      'utf-8 with a mark': Buffer.from(`\ufeff${text}`),
      'utf-16le with a mark': Buffer.from(`\ufeff${text}`, 'utf16le'),
      'utf-16le': Buffer.from(text, 'utf16le'),
      'windows-1252': Buffer.from(text, 'latin1'),
    };
    for (const [encoding, bytes] of Object.entries(encoded)) {
      for (const pieceBytes of [1, 7, 5_000, 1_000_000]) {
        const decoded = (await Array.fromAsync(decodePieces(inPieces(bytes, pieceBytes)))).join('');
        expect(decoded === text.replace(/\r\n?/g, '\n'), `${encoding} in pieces of ${pieceBytes}`).toBe(true);
      }
    }
  });
});

describe('a quote that never closes', () => {
  const read = (text: string) => readAll(csv.streamReader('name,note\n'), [text]).map(block => block.text);

  it('is an ordinary character of its line, and the lines after it are read as any', () => {
    expect(read('name,note\nAnna,"open\nBen,fine\n')).toEqual([
      'name; note',
      'name: Anna; note: "open',
      'name: Ben; note: fine',
    ]);
  });

  it('does not swallow the rest of a long file', () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `Person ${row},lives in house number ${row}`);
    rows.splice(10, 0, 'Anna,"open');
    const blocks = read(`name,note\n${rows.join('\n')}\n`);
    expect(blocks).toHaveLength(rows.length + 1);
    expect(blocks[11]).toBe('name: Anna; note: "open');
  });
});

describe('a large file', () => {
  const large = (line: string) =>
    Buffer.from(line.repeat(Math.ceil((limits.wholeBytes + 1) / Buffer.byteLength(line))));
  const open = async (bytes: Uint8Array, key: string) => {
    const { format, blocks } = await openDocument(inPieces(bytes, 50_000), bytes.length, key);
    const batches = await Array.fromAsync(blocks);
    return { format, batches: batches.length, blocks: batches.flat() };
  };

  it.each([
    ['documents/log.txt', 'txt', '2026-11-21 09:00:00 INFO all is well\n\n'],
    ['documents/orders.csv', 'csv', 'id,name\n1,"Müller, Anna"\n2,Ben\n'],
    ['documents/events.jsonl', 'json', '{"id":1,"name":"Anna"}\n'],
  ])('is read piece by piece, with the blocks that it has as a whole: %s', async (key, format, line) => {
    const bytes = large(line);
    const opened = await open(bytes, key);
    const whole = await parse(bytes, key);
    expect(opened.format).toBe(format);
    expect(opened.batches).toBeGreaterThan(10);
    expect(opened.blocks.length).toBe(whole.blocks.length);
    expect(opened.blocks.at(-1)).toEqual(whole.blocks.at(-1));
  });

  it('is read as a whole where the format needs it', async () => {
    const records = JSON.stringify(Array.from({ length: 80_000 }, (_, id) => ({ id, name: 'Anna Müller' })));
    const { batches, blocks } = await open(Buffer.from(records), 'documents/people.json');
    expect(batches).toBe(1);
    expect(blocks).toHaveLength(80_000);
  });

  it('is refused when there is no text in it', async () => {
    await expect(open(large('\n \n'), 'documents/blank.txt')).rejects.toMatchObject({ code: 'no-text' });
  });
});
