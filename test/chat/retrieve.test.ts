import { describe, expect, it } from 'vitest';
import { retrieve, type Search } from '../../lambdas/chat/retrieve.ts';
import { documentIdOf } from '../../lambdas/document.ts';
import { type Library, makeLibrary } from './library.ts';
import { ann } from './turns.ts';

/** The texts of the passages found for a question. */
async function find(library: Library, question: string, search: Partial<Search> = {}): Promise<string[]> {
  const embedding = await library.ports.embeddings.embedQuery(question);
  const { passages } = await retrieve(
    library.ports,
    { reader: ann, text: question, embedding, topK: 5, ...search },
    new AbortController().signal,
  );
  return passages.map(({ chunk }) => chunk.text);
}

describe('retrieve', () => {
  it('gives the closest passages first, no more than asked for', async () => {
    const library = makeLibrary();
    await library.put('documents/a.md', ['tower steps oak', 'orchids need rain water', 'tower']);
    expect(await find(library, 'tower steps oak', { topK: 2 })).toEqual(['tower steps oak', 'tower']);
  });

  it('gives spare passages only as far as they were read anyway', async () => {
    const library = makeLibrary();
    const texts = Array.from({ length: 9 }, (_, i) => `tower ${'steps '.repeat(i)}`);
    await library.put('documents/a.md', texts);
    expect(await find(library, 'tower', { topK: 2, spare: 1 })).toHaveLength(3);
    expect(await find(library, 'tower', { topK: 2, spare: 20 })).toHaveLength(6);
  });

  it('never mixes an old version with the live one', async () => {
    const library = makeLibrary();
    await library.put('documents/a.md', ['the tower has 100 steps', 'old tower words']);
    await library.put('documents/a.md', ['the tower has 212 steps', 'new tower words']);
    expect(await find(library, 'tower')).toEqual(
      expect.arrayContaining(['the tower has 212 steps', 'new tower words']),
    );
    expect((await find(library, 'the tower has 100 steps')).join()).not.toContain('100');
  });

  it('answers from the live version while a newer one is not complete', async () => {
    const library = makeLibrary();
    await library.put('documents/a.md', ['the tower has 100 steps']);
    await library.put('documents/a.md', ['the tower has 212 steps'], { live: false });
    expect(await find(library, 'the tower has 212 steps')).toEqual(['the tower has 100 steps']);
  });

  it('finds nothing of a deleted document, though its vectors are still there', async () => {
    const library = makeLibrary();
    await library.put('documents/a.md', ['the tower has 212 steps']);
    await library.remove('documents/a.md');
    expect(library.vectors.refs()).toHaveLength(1);
    expect(await find(library, 'tower')).toEqual([]);
  });

  it('searches on when vectors of dead versions crowd out the live ones', async () => {
    const library = makeLibrary();
    for (let round = 0; round < 10; round += 1) await library.put('documents/a.md', ['tower steps', 'tower']);
    await library.put('documents/b.md', ['tower and much else that is further away']);
    expect(await find(library, 'tower steps', { topK: 3 })).toHaveLength(3);
  });

  it('takes the record of the document for its attributes, whatever the vector store found', async () => {
    const library = makeLibrary();
    const people = await library.put('documents/people.md', ['tower steps of people']);
    await library.put('documents/finance.md', ['tower steps of finance']);
    const head = await library.documents.getHead(people.documentId);
    if (!head) throw new Error('The document is not there.');
    await library.documents.recordSidecar(head, { version: '1', metadata: { attributes: { team: 'people-north' } } });
    const all = (await library.vectors.query('default', { embedding: [] }, { topK: 9, groups: [] })).slice();
    const vectors = { ...library.vectors, query: async () => all };
    const found = await find({ ...library, ports: { ...library.ports, vectors } }, 'tower', {
      filter: { attributes: { team: { prefix: 'people-' } } },
    });
    expect(found).toEqual(['tower steps of people']);
  });

  it("never gives another tenant's passage, even if the vector store did", async () => {
    const library = makeLibrary();
    const { documentId } = await library.put('tenants/other/documents/a.md', ['tower secret'], { tenant: 'other' });
    const embedding = await library.ports.embeddings.embedQuery('tower secret');
    const ref = { documentId, version: 1, index: 0 };
    await library.vectors.upsert('default', [{ ref, key: 'documents/a.md', metadata: {}, embedding }]);
    expect(await find(library, 'tower secret')).toEqual([]);
  });

  it('gives a document with groups to their members only', async () => {
    const library = makeLibrary();
    await library.put('documents/a.md', ['tower steps']);
    const { passages } = library.ports;
    const restricted = {
      ...library.ports,
      passages: {
        readChunksAndHeads: async (refs: Parameters<typeof passages.readChunksAndHeads>[0]) => {
          const found = await passages.readChunksAndHeads(refs);
          return {
            ...found,
            heads: new Map([...found.heads].map(([id, head]) => [id, { ...head, groups: ['staff'] }])),
          };
        },
      },
    };
    const embedding = await library.ports.embeddings.embedQuery('tower');
    const count = async (groups: string[]) => {
      const search = { reader: { ...ann, groups }, text: 'tower', embedding, topK: 5 };
      return (await retrieve(restricted, search, new AbortController().signal)).passages.length;
    };
    expect([await count([]), await count(['guests']), await count(['guests', 'staff'])]).toEqual([0, 0, 1]);
  });

  it('narrows to folders and documents, whatever the vector store made of the filter', async () => {
    const library = makeLibrary();
    await library.put('documents/x/a.md', ['tower in x']);
    await library.put('documents/y/b.md', ['tower in y']);
    const { vectors } = library.ports;
    const careless: Library = {
      ...library,
      ports: {
        ...library.ports,
        vectors: {
          ...vectors,
          query: (namespace, embedding, { topK }) => vectors.query(namespace, embedding, { topK, groups: [] }),
        },
      },
    };
    expect(await find(careless, 'tower', { filter: { folder: 'documents/x/' } })).toEqual(['tower in x']);
    const documentIds = [documentIdOf('default', 'documents/y/b.md')];
    expect(await find(careless, 'tower', { filter: { documentIds } })).toEqual(['tower in y']);
    expect(await find(careless, 'tower', { filter: { documentIds, folder: 'documents/x/' } })).toEqual([]);
  });
});
