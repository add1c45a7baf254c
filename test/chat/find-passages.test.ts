import { describe, expect, it } from 'vitest';
import { findPassages } from '../../lambdas/chat/find-passages.ts';
import { UsageMeter } from '../../lambdas/chat/usage-meter.ts';
import { fakeChatModel, type ReplyStep } from '../fakes/chat-model.ts';
import { makeLibrary } from './library.ts';
import { ann, turnOf } from './turns.ts';

const text = 'And how many bells?';

/** Asks a follow-up (or a first question) of two documents; tells what was searched for, too. */
async function ask(condensed: readonly ReplyStep[], { first = false, onQuery = (): void => undefined } = {}) {
  const library = makeLibrary();
  await library.put('documents/tower.md', ['The tower has three bells of bronze.']);
  await library.put('documents/ship.md', ['And how many bells? A ship has eight bells.']);
  const condenseModel = fakeChatModel(condensed);
  let queries = 0;
  const vectors: typeof library.vectors = {
    ...library.vectors,
    query: (...args) => {
      queries += 1;
      onQuery();
      return library.vectors.query(...args);
    },
  };
  const ports = { ...library.ports, vectors, condenseModel };
  const meter = new UsageMeter({ answer: undefined, condense: undefined, embedding: undefined });
  const embedding = await ports.embeddings.embedQuery(text);
  const asked = { text, embedding, history: { turns: first ? [] : [turnOf()] }, meter, reader: ann };
  const { signal } = new AbortController();
  const found = await findPassages(ports, { ...asked, topK: 1, withoutSuspicious: false }, signal);
  const keys = found.passages.slice(0, 1).map(({ head }) => head.key);
  return { keys, queries, standaloneQuestion: found.standaloneQuestion, condensed: condenseModel.prompts.length };
}

describe('a follow-up', () => {
  it('is condensed while it is searched for as it was asked', async () => {
    const searched = Promise.withResolvers<void>();
    // Would never end if searching waited for the model.
    const found = await ask([searched.promise, text], { onQuery: searched.resolve });
    expect(found).toEqual({ keys: ['documents/ship.md'], queries: 1, standaloneQuestion: undefined, condensed: 1 });
  });

  it('is searched for as it is meant, when that is something else', async () => {
    const standaloneQuestion = 'How many bells of bronze does the tower have?';
    const found = await ask([standaloneQuestion]);
    expect(found).toEqual({ keys: ['documents/tower.md'], queries: 2, standaloneQuestion, condensed: 1 });
  });
});

it('a first question is searched for as it is', async () => {
  const found = await ask([], { first: true });
  expect(found).toEqual({ keys: ['documents/ship.md'], queries: 1, standaloneQuestion: undefined, condensed: 0 });
});
