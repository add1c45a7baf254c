/** What the services of `npm run bench -- chat` hold: documents, a conversation, and the reply of the model. */
import { benchDocument } from './documents.ts';

const DIMENSION = 1_024;
/** Of the reader whose API key is `bench`. */
const OWNER = 'default#bench';
export const CONVERSATION_ID = '01JD0000000000000000000000';
export const QUESTION = 'When does the winter market at the harbour open, and who keeps the ledger of the lantern?';
/** The pieces in which the model writes its answer. */
export const ANSWER_PIECES = [
  ...'The market of the harbour opens in winter, and the ledger of the lantern'.split(' ').map(word => `${word} `),
  ...['is kept', ' at the', ' station', ' [1]', '.', ' See'],
];
const MATCHES = 24;
const CHUNK_CHARACTERS = 4_000;

type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { M: Record<string, Attribute> }
  | { L: Attribute[] };
export type Attributes = Record<string, Attribute>;

function attribute(value: unknown): Attribute {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  return { M: attributes(value as object) };
}
const attributes = (item: object): Attributes =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));

const documentIdOf = (number: number): string => String(number).padStart(32, '0');
const now = '2026-01-01T00:00:00.000Z';

const head = (number: number) =>
  attributes({
    ...{ documentId: documentIdOf(number), version: 0, tenant: 'default', key: `documents/${number}.md` },
    ...{ title: `Document ${number}`, status: 'COMPLETED', liveVersion: 1, newestVersion: 1, sequencer: '1' },
    ...{ size: CHUNK_CHARACTERS, chunkCount: 1, createdAt: now, updatedAt: now },
  });

const version = (number: number) =>
  attributes({
    ...{ documentId: documentIdOf(number), version: 1, tenant: 'default', key: `documents/${number}.md` },
    ...{ s3VersionId: 'v1', eTag: 'e', size: CHUNK_CHARACTERS, sequencer: '1', status: 'COMPLETED' },
    ...{ attempts: 1, createdAt: now, completedAt: now },
  });

const chunk = (number: number) =>
  attributes({
    ...{ documentId: documentIdOf(number), chunkKey: '000001#000000', version: 1, index: 0, start: 0 },
    ...{ text: benchDocument(number, CHUNK_CHARACTERS), end: CHUNK_CHARACTERS, tokenCount: 1_000, textHash: 'h' },
    place: { section: 'Harbour › Winter market' },
  });

const turn = (number: number) =>
  attributes({
    ...{ conversationId: CONVERSATION_ID, sk: `TURN#01JD00000000000000000000${number}0`, owner: OWNER },
    ...{ expiresAt: 4_000_000_000, turnId: `01JD00000000000000000000${number}0`, question: QUESTION },
    ...{ answer: ANSWER_PIECES.join(''), refused: false, citations: [], latencyMs: 900, createdAt: now },
    usage: { inputTokens: 8_000, outputTokens: 20, costUsd: 0.001 },
  });

const numbers = Array.from({ length: MATCHES }, (_, number) => number);
export const history = Array.from({ length: 5 }, (_, number) => turn(9 - number)); // newest first, as it is asked for
export const documents = numbers.flatMap(number => [head(number), version(number)]);
export const chunks = numbers.map(chunk);
export const matches = numbers.map(number => ({
  id: `${documentIdOf(number)}#000001#000000`,
  score: 0.9 - number / 100,
  values: [],
}));

/** Of length 1, with as many digits as a model writes. */
export const embedding = Array.from({ length: DIMENSION }, (_, number) =>
  Math.fround(Math.sin(number * 12.9898) / 22.6),
);
