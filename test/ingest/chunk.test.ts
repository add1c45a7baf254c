import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, placeAt } from '../../lambdas/document.ts';
import { chunkDocument } from '../../lambdas/ingest/chunk.ts';
import type { Block, BlockKind } from '../../lambdas/ingest/parse/block.ts';
import { estimateTokens } from '../../lambdas/ingest/tokens.ts';

const paragraph = (text: string, place: Block['place'] = {}): Block => ({ kind: 'paragraph', text, place });
const heading = (text: string, level = 1): Block => ({ kind: 'heading', level, text, place: {} });

/** A sentence of about `words` tokens, told apart by its number. */
const sentence = (number: number, words = 10) =>
  `Number ${number} says ${Array.from({ length: words - 3 }, (_, index) => `word${'abcdefgh'[index % 8]}`).join(' ')}.`;
const sentences = (count: number, words = 10) =>
  Array.from({ length: count }, (_, index) => sentence(index + 1, words));

const options = { targetTokens: 100, overlapTokens: 20 };

/** Every character that is not white space lies in a chunk; chunks are slices, in order, with rising starts. */
function expectSound(text: string, chunks: readonly Chunk[], targetTokens: number): void {
  let covered = 0;
  let lastStart = -1;
  for (const [index, chunk] of chunks.entries()) {
    expect(chunk.index).toBe(index);
    expect(chunk.text).toBe(text.slice(chunk.start, chunk.end));
    expect(chunk.text.trim()).not.toBe('');
    expect(chunk.start).toBeGreaterThan(lastStart);
    expect(text.slice(covered, chunk.start).trim()).toBe('');
    expect(chunk.tokenCount).toBe(estimateTokens(chunk.text));
    expect(chunk.tokenCount).toBeLessThanOrEqual(targetTokens * 1.2 + 8);
    expect(chunk.text.isWellFormed()).toBe(true);
    covered = Math.max(covered, chunk.end);
    lastStart = chunk.start;
  }
  expect(text.slice(covered).trim()).toBe('');
}

const word = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abcdefg'), minLength: 1, maxLength: 12 }),
  fc.constantFrom('数据', '東京都', '😀👨‍👩‍👧', 'Straße', 'Hà', 'a.b', '1,204.50', '(x)', 'End.', 'Why?', 'これは。'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }),
  fc.nat(400).map(length => 'x'.repeat(length + 1)),
  fc.nat(200).map(length => '😀'.repeat(length + 1)),
);
const text = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', ' ', '\n', '\n\n', '\t')), { maxLength: 120 })
  .map(words => words.flat().join(''));
const block: fc.Arbitrary<Block> = fc.record({
  kind: fc.constantFrom<BlockKind>(
    'heading',
    'paragraph',
    'paragraph',
    'list-item',
    'table-row',
    'code',
    'quote',
    'note',
  ),
  text,
  level: fc.integer({ min: 1, max: 6 }),
  header: fc.constant('Name; Size'),
  place: fc.oneof(fc.constant({}), fc.record({ page: fc.integer({ min: 1, max: 3 }) }), fc.constant({ sheet: 'A' })),
});

describe('chunkDocument', () => {
  it('covers all text with sound chunks, whatever the document', () => {
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 25 }),
        fc.integer({ min: 20, max: 400 }),
        fc.double({ min: 0, max: 0.45, noNaN: true }),
        (blocks, targetTokens, share) => {
          const chunking = { targetTokens, overlapTokens: Math.floor(targetTokens * share) };
          const result = chunkDocument({ blocks }, chunking);
          expectSound(result.text, result.chunks, targetTokens);
          expect(chunkDocument({ blocks }, chunking)).toEqual(result);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives no chunk for a document without text', () => {
    expect(chunkDocument({ blocks: [] }, options)).toEqual({ text: '', chunks: [] });
    expect(chunkDocument({ blocks: [paragraph(' \u200b\n')] }, options).chunks).toEqual([]);
  });

  it('keeps a short document in one chunk, blocks parted by blank lines and list items by line breaks', () => {
    const item = (name: string): Block => ({ kind: 'list-item', text: name, place: {} });
    const { text: whole, chunks } = chunkDocument(
      { blocks: [heading('Fruit'), item('Apple'), item('Banana')] },
      options,
    );
    expect(whole).toBe('Fruit\n\nApple\nBanana');
    expect(chunks).toEqual([
      {
        index: 0,
        text: whole,
        start: 0,
        end: whole.length,
        tokenCount: estimateTokens(whole),
        textHash: createHash('sha256').update(whole).digest('hex'),
        place: { section: 'Fruit' },
      },
    ]);
  });

  it('cuts prose between sentences', () => {
    const { chunks } = chunkDocument({ blocks: [paragraph(sentences(40).join(' '))] }, options);
    expect(chunks.length).toBeGreaterThan(3);
    for (const chunk of chunks) expect(chunk.text).toMatch(/^Number \d+ says .*\.$/s);
  });

  it('repeats the sentences at the end of a chunk at the start of the next, up to the overlap', () => {
    const { chunks } = chunkDocument({ blocks: [paragraph(sentences(40).join(' '))] }, options);
    for (const [index, chunk] of chunks.entries()) {
      const before = chunks[index - 1];
      if (!before) continue;
      const overlap = chunk.text.slice(0, before.end - chunk.start);
      expect(before.text.endsWith(overlap)).toBe(true);
      expect(overlap).toMatch(/^Number \d+ says/);
      expect(estimateTokens(overlap)).toBeLessThanOrEqual(options.overlapTokens);
    }
  });

  it('starts a chunk at a heading once the one before is reasonably full, without overlap', () => {
    const blocks = [
      heading('One'),
      paragraph(sentences(6).join(' ')),
      heading('Two'),
      paragraph(sentences(4).join(' ')),
    ];
    const { chunks } = chunkDocument({ blocks }, options);
    expect(chunks.map(chunk => chunk.text.split('\n')[0])).toEqual(['One', 'Two']);
    expect(chunks.map(chunk => chunk.place.section)).toEqual(['One', 'Two']);
  });

  it('keeps short sections together', () => {
    const blocks = ['One', 'Two', 'Three'].flatMap(name => [heading(name), paragraph(sentence(1))]);
    expect(chunkDocument({ blocks }, options).chunks).toHaveLength(1);
  });

  it('tells of which section each part of a chunk is, also what it repeats of the chunk before', () => {
    const blocks = [heading('Guide'), heading('Hours', 2), paragraph('Open from nine.'), heading('Prices', 2)];
    const { chunks } = chunkDocument({ blocks: [...blocks, paragraph('A boat pays 24 euros.')] }, options);
    const [chunk, ...others] = chunks;
    expect(others).toEqual([]);
    const sectionOf = (quote: string) => chunk && placeAt(chunk, chunk.text.indexOf(quote)).section;
    expect(chunk?.place.section).toBe('Guide › Hours');
    expect(['Guide', 'Open', 'Prices', 'A boat'].map(sectionOf)).toEqual([
      ...['Guide', 'Guide › Hours', 'Guide › Prices', 'Guide › Prices'],
    ]);
  });

  it('says the section of the words where they stand, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60 })), { maxLength: 30 }), parts => {
        let section = '';
        const sections = new Map<string, string>();
        const blocks = parts.map(([isHeading, words], index) => {
          if (isHeading) section = `Heading ${index}`;
          sections.set(`Number ${index} says`, section);
          return isHeading ? heading(section) : paragraph(sentence(index, words + 3));
        });
        for (const chunk of chunkDocument({ blocks }, options).chunks) {
          for (const [words, wanted] of sections) {
            const at = chunk.text.indexOf(words);
            if (at >= 0) expect([words, placeAt(chunk, at).section ?? '']).toEqual([words, wanted]);
          }
        }
      }),
    );
  });

  it('never leaves a heading at the end of a chunk', () => {
    const blocks = [
      paragraph(sentences(8, 11).join(' ')),
      heading('Next', 2),
      heading('Below', 3),
      paragraph(sentences(8).join(' ')),
    ];
    const { chunks } = chunkDocument({ blocks }, options);
    for (const chunk of chunks) expect(chunk.text).not.toMatch(/(Next|Below)$/);
    expect(chunks.find(chunk => chunk.text.includes('Below'))?.text).toMatch(/^Next\n\nBelow\n\nNumber 1 /);
  });

  it('moves a paragraph that fits into the next chunk rather than cut it', () => {
    const blocks = [paragraph(sentences(6).join(' ')), paragraph(sentences(7).join(' '))];
    const { chunks } = chunkDocument({ blocks }, { targetTokens: 100, overlapTokens: 0 });
    expect(chunks.map(chunk => chunk.text)).toEqual(blocks.map(({ text: own }) => own));
  });

  it('names the path of headings of the first text that is not overlap', () => {
    const blocks = [
      heading('Guide', 1),
      heading('Setup', 2),
      paragraph(sentences(9).join(' ')),
      heading('Linux', 3),
      paragraph(sentences(9).join(' ')),
      heading('Use', 2),
      paragraph(sentences(9).join(' ')),
    ];
    const sections = chunkDocument({ blocks }, options).chunks.map(chunk => chunk.place.section);
    expect([...new Set(sections)]).toEqual(['Guide › Setup', 'Guide › Setup › Linux', 'Guide › Use']);
  });

  it('never lets a chunk reach across pages, slides or sheets', () => {
    const blocks = [1, 2, 3].flatMap(page => [
      paragraph(`Page ${page} starts.`, { page }),
      paragraph(sentence(page), { page }),
    ]);
    const { chunks } = chunkDocument({ blocks }, options);
    expect(chunks.map(chunk => chunk.place)).toEqual([{ page: 1 }, { page: 2 }, { page: 3 }]);
    expect(chunks.map(chunk => chunk.text.match(/Page \d/g))).toEqual([['Page 1'], ['Page 2'], ['Page 3']]);
  });

  it('gives the header as context to chunks that start inside a table', () => {
    const header = 'Name; Size';
    const rows = sentences(40).map((row): Block => ({ kind: 'table-row', text: row, header, place: {} }));
    const { chunks } = chunkDocument({ blocks: [{ kind: 'table-row', text: header, place: {} }, ...rows] }, options);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks[0]?.context).toBeUndefined();
    for (const chunk of chunks.slice(1)) expect(chunk.context).toBe(header);
    for (const chunk of chunks) expect(chunk.text).toMatch(/(^|\.)$/);
  });

  it('joins a last chunk that would be tiny to the one before', () => {
    for (let count = 5; count < 60; count++) {
      const { chunks } = chunkDocument(
        { blocks: [paragraph(sentences(count).join(' '))] },
        { targetTokens: 100, overlapTokens: 0 },
      );
      expect(chunks.at(-1)?.tokenCount).toBeGreaterThanOrEqual(14);
    }
  });

  it('cuts a monstrous word between code points', () => {
    const { text: whole, chunks } = chunkDocument({ blocks: [paragraph('😀'.repeat(2_000))] }, options);
    expectSound(whole, chunks, options.targetTokens);
    expect(chunks.length).toBeGreaterThan(10);
  });

  it('cuts Chinese prose after full stops', () => {
    const prose = Array.from({ length: 60 }, (_, index) => `第${index}条规定员工每年可以休假二十天。`).join('');
    const { chunks } = chunkDocument({ blocks: [paragraph(prose)] }, options);
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks) expect(chunk.text).toMatch(/^第.*。$/);
  });

  it('keeps the layout of code', () => {
    const code = 'if (a) {\n  b();\n}';
    expect(chunkDocument({ blocks: [{ kind: 'code', text: code, place: {} }] }, options).text).toBe(code);
  });

  it('refuses an overlap of half the target or more', () => {
    expect(() => chunkDocument({ blocks: [] }, { targetTokens: 100, overlapTokens: 50 })).toThrow(RangeError);
  });
});
