import { describe, expect, it } from 'vitest';
import type { EmbeddingModel } from '../../lambdas/ports.ts';

const closeness = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

/** What every embedding model must do. */
export function embeddingModelContract(makeModel: () => EmbeddingModel) {
  it('gives one embedding a text, in order, of its dimension and of length 1', async () => {
    const model = makeModel();
    const texts = ['Rivers run to the sea.', 'Ships sail.', 'Rivers run to the sea.'];
    const embeddings = await model.embedDocuments(texts);
    expect(embeddings).toHaveLength(3);
    for (const embedding of embeddings) {
      expect(embedding).toHaveLength(model.dimension);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 3);
    }
    expect(embeddings[0]).toEqual(embeddings[2]);
    expect(embeddings[0]).not.toEqual(embeddings[1]);
  });

  it('puts a question closest to the text that answers it', async () => {
    const model = makeModel();
    const [tax, fish] = await model.embedDocuments([
      'The income tax is due in April.',
      'Salmon swim upriver to spawn.',
    ]);
    const question = await model.embedQuery('When is the income tax due?');
    expect(closeness(question, tax ?? [])).toBeGreaterThan(closeness(question, fish ?? []));
  });

  it('embeds many texts', async () => {
    const model = makeModel();
    const texts = Array.from({ length: 40 }, (_, index) => `Paragraph number ${index} of the annual report`);
    expect(await model.embedDocuments(texts)).toHaveLength(40);
    expect(await model.embedDocuments([])).toEqual([]);
  });

  it('takes texts of any script, and longer ones than it can read whole', async () => {
    const model = makeModel();
    const texts = ['Đất nước', '日本語の文書', 'العربية', 'word '.repeat(30_000), '😀'.repeat(30_000)];
    const embeddings = await model.embedDocuments(texts);
    expect(embeddings.map(({ length }) => length)).toEqual(texts.map(() => model.dimension));
  });

  describe('when the caller gives up', () => {
    it('stops', async () => {
      await expect(makeModel().embedQuery('text', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
      await expect(makeModel().embedDocuments(['text'], AbortSignal.abort())).rejects.toMatchObject({
        name: 'AbortError',
      });
    });
  });
}
