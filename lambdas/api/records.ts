import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Feedback, Reader } from '../conversation.ts';
import { pathOf, readJson, readQuery } from '../http/request.ts';
import type { Reply } from '../http/response.ts';
import { findRoute } from '../http/router.ts';
import type { IdentityRules } from '../identity/identity-rules.ts';
import type { LoadedRules } from '../ingest/rules.ts';
import type { ConversationStore } from '../ports.ts';
import { admit } from '../reader.ts';
import { showBudgets } from './budgets.ts';
import { listChunks } from './chunks.ts';
import * as conversations from './conversations.ts';
import { cspReportsSchema, MAX_REPORT_BYTES, REPORT_TYPES, type Violation, violationsIn } from './csp-reports.ts';
import * as documents from './documents.ts';
import { exportConversation } from './export-conversation.ts';
import { showRules } from './ingestion-rules.ts';
import * as jobs from './jobs.ts';
import * as keys from './keys.ts';
import { getMetadata, putMetadata } from './metadata.ts';
import { openApiDocument } from './openapi.ts';
import { type OpenRoute, type RecordsRoute, routes } from './routes.ts';
import {
  createJobSchema,
  createKeySchema,
  createUploadSchema,
  exportQuery,
  giveFeedbackSchema,
  listChunksQuery,
  listDocumentsQuery,
  listJobsQuery,
  pageOnlyQuery,
  putMetadataSchema,
  renameConversationSchema,
  retryDocumentsSchema,
} from './schemas.ts';
import { type KnownQuestions, suggestQuestions } from './suggestions.ts';
import { createUpload } from './uploads.ts';
import { showUsage, type UsagePorts } from './usage.ts';
import { reportUsage, type UsageReportPorts } from './usage-report.ts';
import { usageOverTimeQuery } from './usage-schemas.ts';

export interface RecordsPorts extends documents.DocumentPorts, UsagePorts, UsageReportPorts, keys.KeyPorts {
  readonly identity: IdentityRules;
  readonly documents: documents.DocumentPorts['documents'] & jobs.JobApiPorts['documents'];
  readonly jobs: jobs.JobApiPorts['jobs'];
  readonly jobQueue: jobs.JobApiPorts['jobQueue'];
  readonly deadLetters: jobs.JobApiPorts['deadLetters'];
  readonly conversations: ConversationStore;
  /** Told of every feedback that was stored. */
  readonly answerRated: (turn: { conversationId: string; turnId: string }, feedback: Feedback) => void;
  /** Kept from request to request. */
  readonly knownQuestions: KnownQuestions;
  readonly readRules: () => Promise<LoadedRules>;
  /** Told of what browsers kept the page from. */
  readonly violationsReported: (violations: readonly Violation[]) => void;
  /** Groundwork's own version, for /health and /openapi.json. */
  readonly version: string;
}

interface Call {
  readonly event: APIGatewayProxyEvent;
  readonly reader: Reader;
  readonly documentId: string;
  readonly conversationId: string;
  readonly turnId: string;
  readonly jobId: string;
  readonly keyId: string;
}

type Operation = (ports: RecordsPorts, call: Call) => Promise<unknown>;

/** What each route of the table does; the reply's body, its status stands in the table. */
const operations: Readonly<Record<Exclude<RecordsRoute, OpenRoute>['id'], Operation>> = {
  listDocuments: (ports, { event, reader }) =>
    documents.listDocuments(ports, reader, readQuery(event, listDocumentsQuery)),
  createUpload: (ports, { event, reader }) => createUpload(ports, reader, readJson(event, createUploadSchema)),
  getDocument: (ports, { reader, documentId }) => documents.getDocument(ports, reader, documentId),
  deleteDocument: (ports, { reader, documentId }) => documents.deleteDocument(ports, reader, documentId),
  listChunks: (ports, { event, reader, documentId }) =>
    listChunks(ports, reader, documentId, readQuery(event, listChunksQuery)),
  getMetadata: (ports, { reader, documentId }) => getMetadata(ports, reader, documentId),
  putMetadata: (ports, { event, reader, documentId }) =>
    putMetadata(ports, reader, documentId, readJson(event, putMetadataSchema)),
  getDocumentContent: (ports, { reader, documentId }) => documents.getDocumentContent(ports, reader, documentId),
  retryDocument: (ports, { reader, documentId }) => documents.retryDocument(ports, reader, documentId),
  retryDocuments: (ports, { event, reader }) =>
    jobs.retryDocuments(ports, reader, readJson(event, retryDocumentsSchema)),
  redrive: (ports, { reader }) => jobs.redrive(ports, reader),
  createJob: (ports, { event, reader }) => jobs.createJob(ports, reader, readJson(event, createJobSchema)),
  listJobs: (ports, { event, reader }) => jobs.listJobs(ports, reader, readQuery(event, listJobsQuery)),
  getJob: (ports, { reader, jobId }) => jobs.getJob(ports, reader, jobId),
  cancelJob: (ports, { reader, jobId }) => jobs.cancelJob(ports, reader, jobId),
  listConversations: (ports, { event, reader }) =>
    conversations.listConversations(ports.conversations, reader, readQuery(event, pageOnlyQuery)),
  getConversation: (ports, { event, reader, conversationId }) =>
    conversations.getConversation(ports.conversations, reader, conversationId, readQuery(event, pageOnlyQuery)),
  deleteConversation: (ports, { reader, conversationId }) =>
    conversations.deleteConversation(ports.conversations, reader, conversationId),
  renameConversation: (ports, { event, reader, conversationId }) =>
    conversations.renameConversation(
      ports.conversations,
      reader,
      conversationId,
      readJson(event, renameConversationSchema),
    ),
  exportConversation: (ports, { event, reader, conversationId }) =>
    exportConversation(ports.conversations, reader, conversationId, readQuery(event, exportQuery)),
  giveFeedback: async (ports, { event, reader, ...ids }) => {
    const said = readJson(event, giveFeedbackSchema);
    const feedback = await conversations.giveFeedback(ports.conversations, reader, ids, said);
    ports.answerRated(ids, feedback);
    return feedback;
  },
  removeFeedback: (ports, { reader, ...ids }) => conversations.removeFeedback(ports.conversations, reader, ids),
  getIngestionRules: (ports, { reader }) => showRules(ports.readRules, reader),
  suggestQuestions: (ports, { reader }) => suggestQuestions(ports, reader, ports.knownQuestions),
  getUsage: (ports, { reader }) => showUsage(ports, reader, new Date()),
  reportUsage: (ports, { event, reader }) =>
    reportUsage(ports, reader, readQuery(event, usageOverTimeQuery), new Date()),
  getBudgets: (ports, { reader }) => showBudgets(ports, reader, new Date()),
  showIdentity: async (_, { reader: { readsOpenDocuments: _open, ...identity } }) => identity,
  createKey: (ports, { event, reader }) => keys.createKey(ports, reader, readJson(event, createKeySchema)),
  listKeys: (ports, { event, reader }) => keys.listKeys(ports, reader, readQuery(event, pageOnlyQuery)),
  revokeKey: (ports, { reader, keyId }) => keys.revokeKey(ports, reader, keyId),
};

type OpenOperation = (ports: RecordsPorts, call: Pick<Call, 'event'>) => Promise<unknown>;

const openOperations: Readonly<Record<OpenRoute['id'], OpenOperation>> = {
  getHealth: async ({ version }) => ({ status: 'ok', version }),
  reportViolations: async (ports, { event }) => {
    const body = readJson(event, cspReportsSchema, { mediaTypes: REPORT_TYPES, maxBytes: MAX_REPORT_BYTES });
    ports.violationsReported(violationsIn(body));
  },
  getOpenApi: async ({ version }) => openApiDocument(routes, version),
};

/**
 * Answers the routes of records, and every path or method that no route has.
 * @throws AppFailure not-found, method-not-allowed, not-allowed, and what the operation throws
 */
export async function respondWithRecords(ports: RecordsPorts, event: APIGatewayProxyEvent): Promise<Reply> {
  const { route, params } = findRoute(routes, event.httpMethod, pathOf(event));
  if (route.served !== 'records') throw new Error(`${route.id} is answered by another function.`);
  const { status } = route.reply;
  if (route.role === 'open') return { status, body: await openOperations[route.id](ports, { event }) };
  const reader = admit(event, ports.identity, route.role);
  const { documentId = '', conversationId = '', turnId = '', jobId = '', keyId = '' } = params;
  const call = { event, reader, documentId, conversationId, turnId, jobId, keyId };
  return { status, body: await operations[route.id](ports, call) };
}
