import { describe, expect, it } from 'vitest';
import { UnreadableDocument } from '../../lambdas/errors.ts';
import { documentReader } from '../../lambdas/ingest/read-document.ts';

describe('reading a file', () => {
  const read = documentReader({ targetTokens: 100, overlapTokens: 10 });

  it('gives its title and its chunks, numbered in reading order', async () => {
    const paragraphs = Array.from({ length: 30 }, (_, index) => `Paragraph ${index} tells of rivers, ships and ports.`);
    const file = `# Of rivers\n\n${paragraphs.join('\n\n')}\n`;
    const { title, chunks } = await read(Buffer.from(file), 'documents/rivers.md');
    expect(title).toBe('Of rivers');
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map(({ index }) => index)).toEqual(chunks.map((_, position) => position));
    for (const paragraph of paragraphs) expect(chunks.some(({ text }) => text.includes(paragraph))).toBe(true);
  });

  it('refuses what it cannot read, with a sentence for the owner', async () => {
    const refusal = read(Buffer.from([0x25, 0x50, 0x44, 0x46, 0x2d, 0, 1, 2]), 'documents/broken.pdf');
    await expect(refusal).rejects.toBeInstanceOf(UnreadableDocument);
  });
});
