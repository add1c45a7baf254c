import { expect } from 'vitest';
import type { Role } from '../../lambdas/identity/role.ts';
import type { RequestSample } from '../http/events.ts';
import {
  absentIds,
  broken,
  documents,
  mayKnow,
  mayRead,
  OWNER_TENANT,
  type OwnedDocument,
  type Persona,
  type World,
} from './world.ts';

type Reply = Awaited<ReturnType<World['send']>>;
type Params = Readonly<Record<string, string>>;
type Request = Pick<RequestSample, 'body' | 'query' | 'headers'>;

/** A request for something, and who gets it. */
export interface Case {
  /** What is asked for. */
  readonly of: string;
  /** What stands for `{…}` in the path. */
  readonly params?: (world: World) => Params;
  readonly request?: Request | ((world: World, params: Params) => Request);
  /** Who, with the role, is answered; whoever is not gets 404. @default everyone */
  readonly mayHave?: (persona: Persona) => boolean;
  /** It concerns all tenants: administrators of another than the default one get 403. */
  readonly ofAllTenants?: true;
  /** What must hold of the reply to those who are answered. */
  readonly check?: (reply: Reply, world: World) => void | Promise<void>;
}

/** Requests of one operation. */
export interface Sample {
  /** Who may ask for it: said anew here, so that nobody changes it in passing. */
  readonly role: Role | 'open';
  readonly cases: readonly Case[];
}

const everyone: readonly Case[] = [{ of: 'anything' }];
const absent: Case = { of: 'what is not there', params: absentIds, mayHave: () => false };

/** One case a document, and one for a document that is not there. */
const ofDocuments = (
  mayHave: (persona: Persona, document: OwnedDocument) => boolean,
  request: Case['request'] = {},
): Case[] => [
  ...Object.entries<OwnedDocument>(documents).map(([name, document]) => ({
    of: `the document ${name}`,
    params: ({ documentIds }: World) => ({ documentId: documentIds[name] ?? '' }),
    request,
    mayHave: (persona: Persona) => mayHave(persona, document),
  })),
  { ...absent, request },
];

const ofConversations = (request: Case['request'] = {}): Case[] => [
  { of: 'an own conversation', params: ({ conversationsOf }) => conversationsOf.own, request },
  { of: "Ann's conversation", params: ({ conversationsOf }) => conversationsOf.ann, request, mayHave: () => false },
  {
    of: 'a conversation of a namesake in another tenant',
    params: ({ conversationsOf }) => conversationsOf.namesake,
    request,
    mayHave: () => false,
  },
  { ...absent, request },
];

const folderOf = ({ tenant }: Persona): string => (tenant === OWNER_TENANT ? '' : `tenants/${tenant}/`);
const ofOwnerTenant = ({ tenant }: Persona): boolean => tenant === OWNER_TENANT;
const ofJob: Case[] = [{ of: 'a job', params: ({ jobId }) => ({ jobId }), mayHave: ofOwnerTenant }, absent];

const question = { body: { message: 'What are the steps of the tower made of?' } };
const keysOf = (list: readonly { readonly key: string }[]) => list.map(({ key }) => key).toSorted();
const readable = ({ persona }: World): string[] =>
  keysOf(Object.values<OwnedDocument>(documents).filter(document => mayRead(persona, document)));

const answersFromReadable: Case['check'] = ({ json }, world) => {
  const cited: { key: string }[] = [...json.citations, ...(json.nearest ?? [])];
  expect(readable(world)).toEqual(expect.arrayContaining([...new Set(keysOf(cited))]));
  expect(json.refused).toBe(readable(world).length === 0);
};

/** A sample of every operation of the API, by its id. */
export const samples: Readonly<Record<string, Sample>> = {
  chat: {
    role: 'reader',
    cases: [
      { of: 'a new conversation', request: question, check: answersFromReadable },
      ...ofConversations((_, { conversationId }) => ({ body: { ...question.body, conversationId } })),
    ],
  },
  search: {
    role: 'reader',
    cases: [
      {
        of: 'passages',
        request: { body: { query: 'tower steps oak' } },
        check: ({ json }, world) => expect(keysOf(json.matches)).toEqual(readable(world)),
      },
    ],
  },
  listDocuments: {
    role: 'reader',
    cases: [
      {
        of: 'documents',
        check: ({ json }, { persona }) => {
          const known = [...Object.values<OwnedDocument>(documents), ...Object.values<OwnedDocument>(broken)];
          expect(keysOf(json.documents)).toEqual(keysOf(known.filter(document => mayKnow(persona, document))));
        },
      },
    ],
  },
  createUpload: {
    role: 'contributor',
    cases: [
      {
        of: 'a form',
        request: { body: { name: 'new.md' } },
        check: ({ json }, { persona }) => {
          expect(json.key).toBe(`${folderOf(persona)}documents/new.md`);
        },
      },
    ],
  },
  getDocument: { role: 'reader', cases: ofDocuments(mayKnow) },
  deleteDocument: { role: 'contributor', cases: ofDocuments(mayKnow) },
  listChunks: { role: 'reader', cases: ofDocuments(mayRead) },
  getMetadata: { role: 'contributor', cases: ofDocuments(mayKnow) },
  putMetadata: { role: 'contributor', cases: ofDocuments(mayKnow, { body: { allowedGroups: ['staff'] } }) },
  getDocumentContent: { role: 'reader', cases: ofDocuments(mayRead) },
  retryDocument: {
    role: 'contributor',
    cases: [
      ...Object.entries<OwnedDocument>(broken).map(([name, document]) => ({
        of: `the document broken-${name}`,
        params: ({ brokenIds }: World) => ({ documentId: brokenIds[name] ?? '' }),
        mayHave: (persona: Persona) => mayKnow(persona, document),
      })),
      absent,
    ],
  },
  retryDocuments: { role: 'administrator', cases: [{ of: 'a job', request: { body: {} } }] },
  redrive: { role: 'administrator', cases: [{ of: 'everything', ofAllTenants: true }] },
  createJob: {
    role: 'administrator',
    cases: [
      { of: 'a reconcile', request: { body: { kind: 'INCREMENTAL' } }, ofAllTenants: true },
      {
        of: 'a job over its own folder',
        request: ({ persona }) => ({ body: { kind: 'BATCH', prefix: `${folderOf(persona)}documents/` } }),
      },
    ],
  },
  listJobs: {
    role: 'contributor',
    cases: [
      {
        of: 'jobs',
        check: ({ json }, { persona, jobId }) => {
          const ids = json.jobs.map((job: { jobId: string }) => job.jobId);
          expect(ids).toEqual(ofOwnerTenant(persona) ? [jobId] : []);
        },
      },
    ],
  },
  getJob: { role: 'contributor', cases: ofJob },
  cancelJob: { role: 'administrator', cases: ofJob },
  listConversations: {
    role: 'reader',
    cases: [
      {
        of: 'conversations',
        check: ({ json }, { conversationsOf }) => {
          expect(json.conversations).toMatchObject([{ conversationId: conversationsOf.own.conversationId }]);
        },
      },
    ],
  },
  getConversation: { role: 'reader', cases: ofConversations() },
  deleteConversation: { role: 'reader', cases: ofConversations() },
  getIngestionRules: { role: 'contributor', cases: everyone },
  renameConversation: { role: 'reader', cases: ofConversations({ body: { title: 'Towers' } }) },
  exportConversation: { role: 'reader', cases: ofConversations() },
  giveFeedback: { role: 'reader', cases: ofConversations({ body: { rating: 'up' } }) },
  removeFeedback: { role: 'reader', cases: ofConversations() },
  getUsage: { role: 'reader', cases: everyone },
  reportUsage: { role: 'administrator', cases: everyone },
  getBudgets: { role: 'administrator', cases: everyone },
  suggestQuestions: {
    role: 'reader',
    cases: [
      {
        of: 'questions from the documents',
        check: ({ json }, world) => {
          const shown = readable(world).map(key => /(\w+)\.md$/.exec(key)?.[1]);
          expect(json.questions.length).toBe(shown.length);
          for (const question of json.questions) expect(shown.some(name => question.includes(name))).toBe(true);
        },
      },
    ],
  },
  showIdentity: {
    role: 'reader',
    cases: [
      {
        of: 'who they are',
        check: ({ json }, { persona: { openDocuments: _, ...identity } }) => expect(json).toEqual(identity),
      },
    ],
  },
  createKey: {
    role: 'administrator',
    cases: [
      {
        of: 'a key of their own tenant',
        request: { body: { name: 'mine' } },
        check: async ({ json }, { persona, server }) => {
          expect((await server.ports.keys.get(json.keyId))?.tenant).toBe(persona.tenant);
        },
      },
    ],
  },
  listKeys: {
    role: 'administrator',
    cases: [
      {
        of: 'keys',
        check: ({ json }, { persona, keyId }) => {
          const ids = json.keys.map((key: { keyId: string }) => key.keyId);
          expect(ids).toEqual(ofOwnerTenant(persona) ? [keyId] : []);
        },
      },
    ],
  },
  revokeKey: {
    role: 'administrator',
    cases: [{ of: 'a key', params: ({ keyId }) => ({ keyId }), mayHave: ofOwnerTenant }, absent],
  },
  getHealth: { role: 'open', cases: everyone },
  reportViolations: {
    role: 'open',
    cases: [
      {
        of: 'a report of a browser',
        request: { body: { 'csp-report': {} }, headers: { 'Content-Type': 'application/csp-report' } },
      },
    ],
  },
  getOpenApi: { role: 'open', cases: everyone },
};
