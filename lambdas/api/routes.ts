import type * as z from 'zod';
import { chatAnswerSchema, chatRequestSchema } from '../chat/schemas.ts';
import type { AppError } from '../errors.ts';
import type { Address } from '../http/router.ts';
import { cspReportsSchema, REPORT_TYPES } from './csp-reports.ts';
import * as schemas from './schemas.ts';
import { budgetReportSchema, usageOverTimeQuery, usageOverTimeSchema, usageReportSchema } from './usage-schemas.ts';

/** One operation of the API: the router finds it here, and the OpenAPI document describes it from here. */
export interface Route extends Address {
  /** Its name in the OpenAPI document. */
  readonly id: string;
  /** The function that answers it. */
  readonly served: 'chat' | 'search' | 'records';
  readonly summary: string;
  /** Answered without an API key. */
  readonly open?: true;
  /** Query parameters, each optional. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Media types of the body. @default application/json */
  readonly bodyTypes?: readonly string[];
  /** The reply that is no problem; without a schema it has no body. `file`: the media type of a file it may be instead. */
  readonly reply: {
    readonly status: number;
    readonly description: string;
    readonly schema?: z.ZodType;
    readonly file?: string;
  };
  /** The reply may be streamed as server-sent events too. */
  readonly streams?: true;
  /** What else it may answer, as problems. */
  readonly problems: readonly AppError['kind'][];
}

const BODY_PROBLEMS = ['invalid-request', 'request-too-large', 'unsupported-media-type'] as const;

export const routes = [
  {
    id: 'chat',
    method: 'POST',
    path: '/chat',
    served: 'chat',
    summary: 'Ask a question and get an answer with checked citations, as JSON or as a stream of events.',
    body: chatRequestSchema,
    reply: { status: 200, description: 'The answer.', schema: chatAnswerSchema },
    streams: true,
    problems: [...BODY_PROBLEMS, 'conversation-not-found', 'turn-not-found', 'budget-spent', 'service-unavailable'],
  },
  {
    id: 'search',
    method: 'POST',
    path: '/search',
    served: 'search',
    summary: 'Find the passages closest to a text, without asking the chat model.',
    body: schemas.searchRequestSchema,
    reply: { status: 200, description: 'Passages, best first.', schema: schemas.searchReplySchema },
    problems: [...BODY_PROBLEMS, 'budget-spent', 'service-unavailable'],
  },
  {
    id: 'listDocuments',
    method: 'GET',
    path: '/documents',
    served: 'records',
    summary: 'List documents, last updated first, narrowed by state, folder, format and time.',
    query: schemas.listDocumentsQuery,
    reply: { status: 200, description: 'A page of documents.', schema: schemas.documentListSchema },
    problems: ['invalid-request', 'service-unavailable'],
  },
  {
    id: 'createUpload',
    method: 'POST',
    path: '/documents',
    served: 'records',
    summary: 'Get a form that uploads one document into the bucket.',
    body: schemas.createUploadSchema,
    reply: { status: 201, description: 'The form.', schema: schemas.uploadFormSchema },
    problems: [...BODY_PROBLEMS, 'service-unavailable'],
  },
  {
    id: 'getDocument',
    method: 'GET',
    path: '/documents/{documentId}',
    served: 'records',
    summary: 'Show a document with all its uploads.',
    reply: { status: 200, description: 'The document.', schema: schemas.documentDetailSchema },
    problems: ['document-not-found', 'service-unavailable'],
  },
  {
    id: 'deleteDocument',
    method: 'DELETE',
    path: '/documents/{documentId}',
    served: 'records',
    summary: "Delete a document's object; by its event the document leaves all answers.",
    reply: { status: 202, description: 'The object is deleted.', schema: schemas.acceptedSchema },
    problems: ['document-not-found', 'service-unavailable'],
  },
  {
    id: 'listChunks',
    method: 'GET',
    path: '/documents/{documentId}/chunks',
    served: 'records',
    summary: 'List the chunks of the live version in reading order.',
    query: schemas.listChunksQuery,
    reply: { status: 200, description: 'A page of chunks.', schema: schemas.chunkListSchema },
    problems: ['invalid-request', 'document-not-found', 'version-not-live', 'service-unavailable'],
  },
  {
    id: 'getMetadata',
    method: 'GET',
    path: '/documents/{documentId}/metadata',
    served: 'records',
    summary: 'Show the attributes and groups that the sidecar of a document gives it.',
    reply: { status: 200, description: 'What the sidecar says.', schema: schemas.metadataSchema },
    problems: ['document-not-found', 'service-unavailable'],
  },
  {
    id: 'putMetadata',
    method: 'PUT',
    path: '/documents/{documentId}/metadata',
    served: 'records',
    summary: 'Write the sidecar of a document anew; by its event the document and its passages follow.',
    body: schemas.putMetadataSchema,
    reply: { status: 200, description: 'What the sidecar says now.', schema: schemas.metadataSchema },
    problems: [...BODY_PROBLEMS, 'document-not-found', 'metadata-changed', 'service-unavailable'],
  },
  {
    id: 'getDocumentContent',
    method: 'GET',
    path: '/documents/{documentId}/content',
    served: 'records',
    summary: 'Get a link that downloads the document for some minutes.',
    reply: { status: 200, description: 'The link.', schema: schemas.documentLinkSchema },
    problems: ['document-not-found', 'service-unavailable'],
  },
  {
    id: 'retryDocument',
    method: 'POST',
    path: '/documents/{documentId}/retry',
    served: 'records',
    summary: 'Process a FAILED document once more, or a PENDING one that nothing happens to.',
    reply: { status: 202, description: 'It is queued again.', schema: schemas.acceptedSchema },
    problems: ['document-not-found', 'document-not-failed', 'service-unavailable'],
  },
  {
    id: 'retryDocuments',
    method: 'POST',
    path: '/documents/retry',
    served: 'records',
    summary: 'Process all FAILED documents once more, or those that failed with one code, as a job.',
    body: schemas.retryDocumentsSchema,
    reply: { status: 202, description: 'The job.', schema: schemas.jobSchema },
    problems: [...BODY_PROBLEMS, 'service-unavailable'],
  },
  {
    id: 'redrive',
    method: 'POST',
    path: '/dead-letters/redrive',
    served: 'records',
    summary: 'Send the messages of all dead-letter queues back, and retry the documents whose messages were given up.',
    reply: { status: 202, description: 'What is tried again.', schema: schemas.redriveSchema },
    problems: ['service-unavailable'],
  },
  {
    id: 'createJob',
    method: 'POST',
    path: '/jobs',
    served: 'records',
    summary: 'Start a job over many documents.',
    body: schemas.createJobSchema,
    reply: { status: 202, description: 'The job.', schema: schemas.jobSchema },
    problems: [...BODY_PROBLEMS, 'service-unavailable'],
  },
  {
    id: 'listJobs',
    method: 'GET',
    path: '/jobs',
    served: 'records',
    summary: 'List jobs, last started first.',
    query: schemas.listJobsQuery,
    reply: { status: 200, description: 'A page of jobs.', schema: schemas.jobListSchema },
    problems: ['invalid-request', 'service-unavailable'],
  },
  {
    id: 'getJob',
    method: 'GET',
    path: '/jobs/{jobId}',
    served: 'records',
    summary: 'Show how far a job is, and what it mended.',
    reply: { status: 200, description: 'The job.', schema: schemas.jobSchema },
    problems: ['job-not-found', 'service-unavailable'],
  },
  {
    id: 'cancelJob',
    method: 'POST',
    path: '/jobs/{jobId}/cancel',
    served: 'records',
    summary: 'Let a job go no further; documents that it has sent on are processed all the same.',
    reply: { status: 200, description: 'The job.', schema: schemas.jobSchema },
    problems: ['job-not-found', 'job-not-running', 'service-unavailable'],
  },
  {
    id: 'listConversations',
    method: 'GET',
    path: '/conversations',
    served: 'records',
    summary: 'List your conversations, last updated first.',
    query: schemas.pageOnlyQuery,
    reply: { status: 200, description: 'A page of conversations.', schema: schemas.conversationListSchema },
    problems: ['invalid-request', 'service-unavailable'],
  },
  {
    id: 'getConversation',
    method: 'GET',
    path: '/conversations/{conversationId}',
    served: 'records',
    summary: 'Show a conversation with the turns of all its branches, oldest first.',
    query: schemas.pageOnlyQuery,
    reply: { status: 200, description: 'The conversation.', schema: schemas.conversationDetailSchema },
    problems: ['invalid-request', 'conversation-not-found', 'service-unavailable'],
  },
  {
    id: 'deleteConversation',
    method: 'DELETE',
    path: '/conversations/{conversationId}',
    served: 'records',
    summary: 'Delete a conversation with all its turns.',
    reply: { status: 204, description: 'It is gone.' },
    problems: ['conversation-not-found', 'service-unavailable'],
  },
  {
    id: 'getIngestionRules',
    method: 'GET',
    path: '/ingestion-rules',
    served: 'records',
    summary: 'The ingestion rules in force, and what is wrong with newer ones.',
    reply: { status: 200, description: 'The rules.', schema: schemas.ingestionRulesSchema },
    problems: [],
  },
  {
    id: 'renameConversation',
    method: 'PATCH',
    path: '/conversations/{conversationId}',
    served: 'records',
    summary: 'Rename a conversation.',
    body: schemas.renameConversationSchema,
    reply: { status: 200, description: 'The conversation.', schema: schemas.conversationSchema },
    problems: [...BODY_PROBLEMS, 'conversation-not-found', 'service-unavailable'],
  },
  {
    id: 'exportConversation',
    method: 'GET',
    path: '/conversations/{conversationId}/export',
    served: 'records',
    summary: 'Get a whole conversation with its sources as a file: all branches as JSON, the newest path as Markdown.',
    query: schemas.exportQuery,
    reply: {
      status: 200,
      description: 'The conversation.',
      schema: schemas.conversationExportSchema,
      file: 'text/markdown',
    },
    problems: ['invalid-request', 'conversation-not-found', 'export-too-large', 'service-unavailable'],
  },
  {
    id: 'giveFeedback',
    method: 'POST',
    path: '/conversations/{conversationId}/turns/{turnId}/feedback',
    served: 'records',
    summary: 'Say whether an answer is good or bad, and why; it replaces what was said before.',
    body: schemas.giveFeedbackSchema,
    reply: { status: 200, description: 'The feedback.', schema: schemas.feedbackSchema },
    problems: [...BODY_PROBLEMS, 'conversation-not-found', 'turn-not-found', 'service-unavailable'],
  },
  {
    id: 'removeFeedback',
    method: 'DELETE',
    path: '/conversations/{conversationId}/turns/{turnId}/feedback',
    served: 'records',
    summary: 'Take back what was said of an answer.',
    reply: { status: 204, description: 'It is gone.' },
    problems: ['conversation-not-found', 'turn-not-found', 'service-unavailable'],
  },
  {
    id: 'getUsage',
    method: 'GET',
    path: '/usage',
    served: 'records',
    summary: 'What you have spent today and this month, and your limits.',
    reply: { status: 200, description: 'What was spent.', schema: usageReportSchema },
    problems: ['service-unavailable'],
  },
  {
    id: 'suggestQuestions',
    method: 'GET',
    path: '/suggestions',
    served: 'records',
    summary: 'First questions to ask, found in the documents that you may read.',
    reply: { status: 200, description: 'Questions.', schema: schemas.suggestionsSchema },
    problems: ['service-unavailable'],
  },
  {
    id: 'reportUsage',
    method: 'GET',
    path: '/usage/report',
    served: 'records',
    summary: 'What your tenant used, by day, user and model.',
    query: usageOverTimeQuery,
    reply: { status: 200, description: 'What was used.', schema: usageOverTimeSchema },
    problems: ['invalid-request', 'service-unavailable'],
  },
  {
    id: 'getBudgets',
    method: 'GET',
    path: '/budgets',
    served: 'records',
    summary: 'What keys, users and tenants may spend, and what your tenant and its users have spent.',
    reply: { status: 200, description: 'Limits and spending.', schema: budgetReportSchema },
    problems: ['service-unavailable'],
  },
  {
    id: 'getHealth',
    method: 'GET',
    path: '/health',
    served: 'records',
    summary: 'Whether the API answers.',
    open: true,
    reply: { status: 200, description: 'It does.', schema: schemas.healthSchema },
    problems: [],
  },
  {
    id: 'reportViolations',
    method: 'POST',
    path: '/csp-reports',
    served: 'records',
    summary: 'Report what a browser kept the web page from doing; browsers do, by themselves.',
    open: true,
    body: cspReportsSchema,
    bodyTypes: REPORT_TYPES,
    reply: { status: 204, description: 'It is counted.' },
    problems: [...BODY_PROBLEMS],
  },
  {
    id: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    served: 'records',
    summary: 'This document.',
    open: true,
    reply: { status: 200, description: 'The API in OpenAPI 3.1.', schema: schemas.openApiSchema },
    problems: [],
  },
] as const satisfies readonly Route[];

export type RecordsRoute = Extract<(typeof routes)[number], { served: 'records' }>;
