import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listChunks } from '../../lambdas/api/chunks.ts';
import { getDocument, getDocumentContent, listDocuments } from '../../lambdas/api/documents.ts';
import { search } from '../../lambdas/api/search.ts';
import { answer } from '../../lambdas/chat/answer.ts';
import type { AnswerEvent } from '../../lambdas/chat/answer-event.ts';
import type { ChatPorts } from '../../lambdas/chat/question.ts';
import type { Reader } from '../../lambdas/conversation.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { ROLES } from '../../lambdas/identity/role.ts';
import type { Prompt } from '../../lambdas/ports.ts';
import { makeLibrary } from '../chat/library.ts';
import { inMemoryAnswerStore } from '../fakes/answer-store.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';
import { inMemoryWorkQueue } from '../fakes/work-queue.ts';

const TENANTS = ['default', 'acme'] as const;
const GROUPS = ['board', 'legal', 'staff'] as const;

interface GivenDocument {
  readonly tenant: string;
  readonly groups: readonly string[] | undefined;
  /** What stands beside its vectors: its groups, or, because they lag behind, that everyone may read it, or nobody. */
  readonly vectorsSay: 'its groups' | 'everyone' | 'nobody';
}

const documentsGiven: fc.Arbitrary<GivenDocument[]> = fc.array(
  fc.record({
    tenant: fc.constantFrom(...TENANTS),
    groups: fc.option(fc.subarray([...GROUPS]), { nil: undefined }),
    vectorsSay: fc.constantFrom('its groups', 'everyone', 'nobody'),
  }),
  { minLength: 1, maxLength: 6 },
);
const readersGiven: fc.Arbitrary<Reader[]> = fc.array(
  fc.record({
    tenant: fc.constantFrom(...TENANTS),
    userId: fc.constantFrom('ann', 'bob'),
    role: fc.constantFrom(...ROLES),
    groups: fc.subarray([...GROUPS]),
    readsOpenDocuments: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3 },
);

/** The rule, worded anew. */
const isFor = ({ tenant, groups, readsOpenDocuments }: Reader, document: GivenDocument): boolean =>
  tenant === document.tenant &&
  (document.groups ? document.groups.some(group => groups.includes(group)) : readsOpenDocuments);

const SECRET = /secret-\d+/g;
const secretsIn = (value: unknown): string[] => [...new Set(JSON.stringify(value).match(SECRET))].sort();
const secretOf = (index: number): string => `secret-${index}`;
const question = 'What does the tower of oak hide?';
const { signal } = new AbortController();
const prices = { answer: undefined, condense: undefined, embedding: undefined };

/** The model tells all that it is shown. */
const tellAll = (prompt: Prompt) => [`The tower of oak hides ${secretsIn(prompt).join(' and ')} [1].`];

async function fill(given: readonly GivenDocument[]) {
  const library = makeLibrary(tellAll);
  const documentIds: string[] = [];
  for (const [index, { tenant, groups, vectorsSay }] of given.entries()) {
    const root = tenant === 'default' ? '' : `tenants/${tenant}/`;
    const key = `${root}documents/${index}.md`;
    const { documentId, version } = await library.put(key, [`The tower of oak hides ${secretOf(index)}.`], { tenant });
    await library.open(key, groups, tenant);
    const said = { everyone: undefined, nobody: [], 'its groups': groups }[vectorsSay];
    await library.vectors.updateMetadata(tenant, [{ documentId, version, index: 0 }], {
      attributes: {},
      ...(said && { groups: said }),
    });
    documentIds.push(documentId);
  }
  const failed = (error: unknown) => {
    throw error;
  };
  const answerCache = { store: inMemoryAnswerStore(), similarity: 0.9, fingerprint: 'f', failed };
  const counting = { spend: inMemorySpendStore(), ledger: inMemoryUsageLedger(), budgets: {}, notCounted: failed };
  const ports = { ...library.ports, ...counting, answerCache, prices, topK: 10, passageTokens: 1_000 };
  return { given, library, documentIds, ports };
}

async function ask(ports: ChatPorts, reader: Reader): Promise<AnswerEvent[]> {
  const options = { historyTokens: 1_000, minEvidence: 0, passageTokens: 1_000, suspiciousPassages: 'mark' } as const;
  const asked = { text: question, reader, topK: 10, includeRetrieved: true };
  const events: AnswerEvent[] = [];
  for await (const event of answer(ports, asked, { ...options, prices }, signal)) events.push(event);
  return events;
}

/** Undefined for what is said not to be there. */
const found = <T>(work: Promise<T>): Promise<T | undefined> =>
  work.catch((error: unknown) => {
    if (error instanceof AppFailure && error.error.kind === 'document-not-found') return undefined;
    throw error;
  });

type World = Awaited<ReturnType<typeof fill>>;

/** Answers and search show what is for the reader alone; what vectors do not hide either is shown. */
async function checkAnswers({ library, ports, given }: World, reader: Reader): Promise<void> {
  const own = given.flatMap((document, index) => (isFor(reader, document) ? [{ ...document, index }] : []));
  const allowed = own.map(({ index }) => secretOf(index));
  const sure = own.filter(({ vectorsSay }) => vectorsSay === 'its groups').map(({ index }) => secretOf(index));
  const prompts = library.answerModel.prompts.length;
  const matches = await search(ports, reader, { query: question }, signal);
  const [first, again] = [await ask(ports, reader), await ask(ports, reader)];
  for (const seen of [matches, first, again, library.answerModel.prompts.slice(prompts)]) {
    expect(allowed).toEqual(expect.arrayContaining(secretsIn(seen)));
  }
  for (const seen of [matches, first, again]) expect(secretsIn(seen)).toEqual(expect.arrayContaining(sure));
  if (sure.length > 0) expect(again.at(-1)).toMatchObject({ type: 'completed', answer: { cached: true } });
}

/** How many documents each page of a list has that shows one a page: what is not shown must not show as a gap. */
async function pageLengths(api: Parameters<typeof listDocuments>[0], reader: Reader): Promise<number[]> {
  const lengths: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDocuments(api, reader, { limit: 1, ...(cursor !== undefined && { cursor }) });
    lengths.push(page.documents.length);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return lengths;
}

async function checkDocuments({ library, documentIds, given }: World, reader: Reader): Promise<void> {
  const api = { ...library, processing: inMemoryWorkQueue<never>(), maxDocumentBytes: 1 };
  const listed = await listDocuments(api, reader, { limit: 100 });
  expect(await pageLengths(api, reader)).toEqual(listed.documents.length > 0 ? listed.documents.map(() => 1) : [0]);
  for (const [index, document] of given.entries()) {
    const documentId = documentIds[index] ?? '';
    const isOwn = isFor(reader, document);
    const isKnown = isOwn || (reader.role !== 'reader' && reader.tenant === document.tenant);
    expect(listed.documents.some(one => one.documentId === documentId)).toBe(isKnown);
    expect((await found(getDocument(api, reader, documentId))) !== undefined).toBe(isKnown);
    expect((await found(getDocumentContent(api, reader, documentId))) !== undefined).toBe(isOwn);
    const chunks = await found(listChunks(api, reader, documentId, { limit: 100 }));
    expect(secretsIn(chunks ?? {})).toEqual(isOwn ? [secretOf(index)] : []);
  }
}

it('shows no reader anything of a document that is not for them, by whatever way', async () => {
  const isolates = fc.asyncProperty(documentsGiven, readersGiven, async (given, readers) => {
    const world = await fill(given);
    for (const reader of readers) {
      await checkAnswers(world, reader);
      await checkDocuments(world, reader);
    }
  });
  await fc.assert(isolates, { numRuns: 150 });
});
