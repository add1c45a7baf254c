import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Feedback } from '../conversation.ts';
import { readJson, readQuery } from '../http/request.ts';
import type { Reply } from '../http/response.ts';
import { findRoute } from '../http/router.ts';
import type { LoadedRules } from '../ingest/rules.ts';
import type { ConversationStore } from '../ports.ts';
import { readerOf } from '../reader.ts';
import { showBudgets } from './budgets.ts';
import { listChunks } from './chunks.ts';
import * as conversations from './conversations.ts';
import { cspReportsSchema, MAX_REPORT_BYTES, REPORT_TYPES, type Violation, violationsIn } from './csp-reports.ts';
import * as documents from './documents.ts';
import { exportConversation } from './export-conversation.ts';
import * as jobs from './jobs.ts';
import { getMetadata, putMetadata } from './metadata.ts';
import { openApiDocument } from './openapi.ts';
import { type RecordsRoute, routes } from './routes.ts';
import {
  createJobSchema,
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

export interface RecordsPorts extends documents.DocumentPorts, UsagePorts, UsageReportPorts {
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
  readonly documentId: string;
  readonly conversationId: string;
  readonly turnId: string;
  readonly jobId: string;
}

type Operation = (ports: RecordsPorts, call: Call) => Promise<unknown>;

/** What each route of the table does; the reply's body, its status stands in the table. */
const operations: Readonly<Record<RecordsRoute['id'], Operation>> = {
  listDocuments: (ports, { event }) =>
    documents.listDocuments(ports, readerOf(event), readQuery(event, listDocumentsQuery)),
  createUpload: (ports, { event }) => createUpload(ports, readerOf(event), readJson(event, createUploadSchema)),
  getDocument: (ports, { event, documentId }) => documents.getDocument(ports, readerOf(event), documentId),
  deleteDocument: (ports, { event, documentId }) => documents.deleteDocument(ports, readerOf(event), documentId),
  listChunks: (ports, { event, documentId }) =>
    listChunks(ports, readerOf(event), documentId, readQuery(event, listChunksQuery)),
  getMetadata: (ports, { event, documentId }) => getMetadata(ports, readerOf(event), documentId),
  putMetadata: (ports, { event, documentId }) =>
    putMetadata(ports, readerOf(event), documentId, readJson(event, putMetadataSchema)),
  getDocumentContent: (ports, { event, documentId }) =>
    documents.getDocumentContent(ports, readerOf(event), documentId),
  retryDocument: (ports, { event, documentId }) => documents.retryDocument(ports, readerOf(event), documentId),
  retryDocuments: (ports, { event }) =>
    jobs.retryDocuments(ports, readerOf(event), readJson(event, retryDocumentsSchema)),
  redrive: (ports, { event }) => jobs.redrive(ports, readerOf(event)),
  createJob: (ports, { event }) => jobs.createJob(ports, readerOf(event), readJson(event, createJobSchema)),
  listJobs: (ports, { event }) => jobs.listJobs(ports, readerOf(event), readQuery(event, listJobsQuery)),
  getJob: (ports, { event, jobId }) => jobs.getJob(ports, readerOf(event), jobId),
  cancelJob: (ports, { event, jobId }) => jobs.cancelJob(ports, readerOf(event), jobId),
  listConversations: (ports, { event }) =>
    conversations.listConversations(ports.conversations, readerOf(event), readQuery(event, pageOnlyQuery)),
  getConversation: (ports, { event, conversationId }) =>
    conversations.getConversation(
      ports.conversations,
      readerOf(event),
      conversationId,
      readQuery(event, pageOnlyQuery),
    ),
  deleteConversation: (ports, { event, conversationId }) =>
    conversations.deleteConversation(ports.conversations, readerOf(event), conversationId),
  renameConversation: (ports, { event, conversationId }) =>
    conversations.renameConversation(
      ports.conversations,
      readerOf(event),
      conversationId,
      readJson(event, renameConversationSchema),
    ),
  exportConversation: (ports, { event, conversationId }) =>
    exportConversation(ports.conversations, readerOf(event), conversationId, readQuery(event, exportQuery)),
  giveFeedback: async (ports, { event, ...ids }) => {
    const reader = readerOf(event);
    const said = readJson(event, giveFeedbackSchema);
    const feedback = await conversations.giveFeedback(ports.conversations, reader, ids, said);
    ports.answerRated(ids, feedback);
    return feedback;
  },
  removeFeedback: (ports, { event, ...ids }) => conversations.removeFeedback(ports.conversations, readerOf(event), ids),
  getIngestionRules: (ports, { event }) => {
    readerOf(event); // for those with a key alone
    return ports.readRules();
  },
  suggestQuestions: (ports, { event }) => suggestQuestions(ports, readerOf(event), ports.knownQuestions),
  getUsage: (ports, { event }) => showUsage(ports, readerOf(event), new Date()),
  reportUsage: (ports, { event }) =>
    reportUsage(ports, readerOf(event), readQuery(event, usageOverTimeQuery), new Date()),
  getBudgets: (ports, { event }) => showBudgets(ports, readerOf(event), new Date()),
  getHealth: async ({ version }) => ({ status: 'ok', version }),
  reportViolations: async (ports, { event }) => {
    const body = readJson(event, cspReportsSchema, { mediaTypes: REPORT_TYPES, maxBytes: MAX_REPORT_BYTES });
    ports.violationsReported(violationsIn(body));
  },
  getOpenApi: async ({ version }) => openApiDocument(routes, version),
};

/**
 * Answers the routes of records, and every path or method that no route has.
 * @throws AppFailure not-found, method-not-allowed, and what the operation throws
 */
export async function respondWithRecords(ports: RecordsPorts, event: APIGatewayProxyEvent): Promise<Reply> {
  const { route, params } = findRoute(routes, event.httpMethod, event.path);
  if (route.served !== 'records') throw new Error(`${route.id} is answered by another function.`);
  const { documentId = '', conversationId = '', turnId = '', jobId = '' } = params;
  const body = await operations[route.id](ports, { event, documentId, conversationId, turnId, jobId });
  return { status: route.reply.status, body };
}
