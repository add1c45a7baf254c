import { PassThrough } from 'node:stream';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { ulid } from 'ulid';
import { vi } from 'vitest';
import { respondWithSearch } from '../../lambdas/api/search.ts';
import { respond } from '../../lambdas/chat/respond.ts';
import type { Reader } from '../../lambdas/conversation.ts';
import { endpoint } from '../../lambdas/http/endpoint.ts';
import { newKey } from '../../lambdas/identity/api-key.ts';
import { type IdentityRules, identityRulesSchema } from '../../lambdas/identity/identity-rules.ts';
import type { Role } from '../../lambdas/identity/role.ts';
import { newJob } from '../../lambdas/job.ts';
import { newJobId } from '../../lambdas/jobs/messages.ts';
import { turnOf } from '../chat/turns.ts';
import { aMinute, type RequestSample, requestOf } from '../http/events.ts';
import { serve } from './serve.ts';

/** Somebody who asks, and how the stack is set. */
export interface Persona {
  readonly userId: string;
  readonly tenant: string;
  readonly role: Role;
  readonly groups: readonly string[];
  readonly openDocuments: IdentityRules['openDocuments'];
}

/** The owner's documents; each holds the word `tower`, so that a search finds all that it may. */
export interface OwnedDocument {
  readonly key: string;
  readonly groups?: readonly string[];
}
export const documents = {
  open: { key: 'documents/open.md' },
  board: { key: 'documents/board.md', groups: ['board'] },
  shut: { key: 'documents/shut.md', groups: [] },
} satisfies Record<string, OwnedDocument>;
export const broken = {
  open: { key: 'documents/broken-open.md' },
  board: { key: 'documents/broken-board.md', groups: ['board'] },
} satisfies Record<string, OwnedDocument>;

export const OWNER_TENANT = 'default';

/** What may be expected, worded anew here: whoever changes the rules must say so twice. */
export const mayRead = ({ tenant, groups, openDocuments }: Persona, document: OwnedDocument): boolean => {
  if (tenant !== OWNER_TENANT) return false;
  return document.groups?.some(group => groups.includes(group)) ?? openDocuments === 'everyone';
};
export const mayKnow = (persona: Persona, document: OwnedDocument): boolean =>
  mayRead(persona, document) || (persona.tenant === OWNER_TENANT && persona.role !== 'reader');

/** The three functions behind the API over one library, which holds things of the owner's tenant, and some of the persona's. */
export async function makeWorld(persona: Persona) {
  const server = serve();
  const { ports, put, open, conversations, jobs } = server;
  ports.identity = identityRulesSchema.parse({ openDocuments: persona.openDocuments });

  const ids: Record<string, string> = {};
  for (const [name, { key, groups }] of Object.entries<OwnedDocument>(documents)) {
    const { documentId, version } = await put(key, [`What are the steps of the tower of ${name} made of?\nOf oak.`]);
    ids[name] = documentId;
    if (!groups) continue;
    await open(key, groups);
    await server.vectors.updateMetadata(OWNER_TENANT, [{ documentId, version, index: 0 }], { groups, attributes: {} });
  }
  const brokenIds: Record<string, string> = {};
  for (const [name, { key, groups }] of Object.entries<OwnedDocument>(broken)) {
    const { documentId } = await put(key, ['x'], { live: false });
    brokenIds[name] = documentId;
    if (groups) await open(key, groups);
    await server.documents.fail(documentId, 1, { code: 'encrypted', message: 'Remove the password.' });
  }

  const access = { role: persona.role, groups: persona.groups, readsOpenDocuments: true };
  const converse = async (reader: Pick<Reader, 'tenant' | 'userId'>) => {
    const turn = turnOf();
    await conversations.begin(turn, { ...access, ...reader });
    return { conversationId: turn.conversationId, turnId: turn.turnId };
  };
  const otherTenant = persona.tenant === OWNER_TENANT ? 'acme' : OWNER_TENANT;
  const conversationsOf = {
    own: await converse(persona),
    ann: await converse({ tenant: OWNER_TENANT, userId: 'ann' }),
    /** Somebody who is called the same elsewhere. */
    namesake: await converse({ tenant: otherTenant, userId: persona.userId }),
  };

  const startedAt = new Date().toISOString();
  const job = newJob({
    ...{ jobId: newJobId(), kind: 'BATCH', tenant: OWNER_TENANT, scope: { prefix: 'documents/' } },
    ...{ startedBy: 'ada', startedAt },
  });
  await jobs.create(job);
  const { keyId } = newKey();
  await ports.keys.create({
    ...{ keyId, tenant: OWNER_TENANT, name: 'the intranet', role: 'reader', groups: [], secretHash: 'hash' },
    ...{ createdBy: 'ada', createdAt: startedAt, expiresAt: startedAt },
  });

  const calls: string[] = [];
  const { documents: heads, chunks, keys, bucket } = ports;
  for (const [name, store] of Object.entries({ heads, chunks, conversations, jobs, keys, bucket })) {
    noteCalls(store, name, calls);
  }

  /** Sends a request of the persona's to the function that serves the path. */
  async function send(sample: RequestSample, asNobody = false) {
    const { userId, tenant, role, groups } = persona;
    const authorizer = { userId, tenant, role, name: '', groups: JSON.stringify(groups), apiKeyId: '' };
    const event = requestOf({ ...sample, apiKeyId: null, ...(asNobody ? {} : { authorizer }) });
    calls.length = 0;
    const reply = await answer(event);
    return { ...reply, calls: calls.toSorted(), json: jsonOf(reply.body) };
  }

  async function answer(event: APIGatewayProxyEvent) {
    if (event.httpMethod === 'POST' && event.path === '/chat') return chat(event);
    if (event.httpMethod === 'POST' && event.path === '/search') return search(event);
    return server.handle(event);
  }

  const { spend, ledger, identity } = ports;
  const counting = { spend, ledger, budgets: {}, notCounted: vi.fn() };
  const common = {
    topK: 20,
    passageTokens: 100,
    prices: { answer: undefined, condense: undefined, embedding: undefined },
  };
  const search = (event: APIGatewayProxyEvent) =>
    endpoint(server.log, (received, signal) =>
      respondWithSearch({ ...server.library, ...counting, ...common, identity }, received, signal),
    )(event, aMinute);

  async function chat(event: APIGatewayProxyEvent) {
    const stream = new PassThrough();
    let body = '';
    let head: { statusCode: number; headers: Record<string, string> } | undefined;
    stream.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    await respond(event, stream, aMinute, {
      ports: { ...server.library, ...counting },
      options: { ...common, historyTokens: 1_000, minEvidence: 0, suspiciousPassages: 'mark', maxTokens: 200 },
      ...{ identity, topK: 20 },
      log: server.log,
      open: (target, sent) => {
        head = sent;
        return target;
      },
    });
    if (!head) throw new Error('Nothing was answered.');
    return { ...head, body };
  }

  return { persona, send, documentIds: ids, brokenIds, conversationsOf, jobId: job.jobId, keyId, server };
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

/** Ids of nothing, in the form of those that there are. */
export const absentIds = () => ({
  documentId: '0'.repeat(32),
  conversationId: ulid(),
  turnId: ulid(),
  jobId: newJobId(),
  keyId: newKey().keyId,
});

/** Has a store note what it is asked. */
function noteCalls(store: object, name: string, calls: string[]): void {
  for (const [operation, work] of Object.entries(store)) {
    if (typeof work !== 'function') continue;
    const noted = (...given: unknown[]) => {
      calls.push(`${name}.${operation}`);
      return work(...given);
    };
    Object.assign(store, { [operation]: noted });
  }
}

const jsonOf = (body: string) => (body.startsWith('{') ? JSON.parse(body) : undefined);
