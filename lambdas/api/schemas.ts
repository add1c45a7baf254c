import * as z from 'zod';
import {
  conversationIdSchema,
  groundednessSchema,
  interventionSchema,
  modelField,
  nearestSchema,
  parentField,
  sourceFields,
  storedCitationSchema,
  turnIdSchema,
  usageSchema,
} from '../chat/schemas.ts';
import { FEEDBACK_REASONS } from '../conversation.ts';
import {
  cursorField,
  documentIdSchema,
  pageQuery,
  placeSchema,
  searchFilterSchema,
  topKSchema,
} from '../http/schemas.ts';
import { groupName } from '../identity/identity-rules.ts';
import { ROLES } from '../identity/role.ts';
import { ingestionRules } from '../ingest/rules.ts';
import { attributesSchema, groupsSchema } from '../ingest/sidecar.ts';

const documentStatus = z.enum(['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED']);
const time = z.iso.datetime();
const documentError = z
  .object({ code: z.string(), message: z.string() })
  .meta({ id: 'DocumentError', description: 'A stable code, and a sentence that says what to do.' });

const attributeValues = z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]);

export const searchRequestSchema = z
  .strictObject({
    query: z.string().trim().min(1).max(4_000),
    topK: topKSchema.optional(),
    filter: searchFilterSchema.optional(),
  })
  .meta({ id: 'SearchRequest' });
export const searchReplySchema = z
  .object({
    matches: z
      .array(z.object({ ...sourceFields, text: z.string() }).meta({ id: 'SearchMatch' }))
      .meta({ description: 'Best first: by `score`, or where the stack has a reranker by that.' }),
    evidence: z.number().meta({
      description: 'How much speaks for the passages holding an answer, 0 to 1, comparable between questions.',
    }),
    usage: usageSchema,
  })
  .meta({ id: 'SearchReply' });

/** Times compare as text once they are written as the records write them, to the millisecond. */
const instant = time.transform(text => new Date(text).toISOString());

export const listDocumentsQuery = z.strictObject({
  status: documentStatus.optional().meta({ description: 'Only documents in this state.' }),
  prefix: z
    .string()
    .min(1)
    .max(1_024)
    .optional()
    .meta({ description: 'Only documents whose key starts with it, e.g. `documents/handbook/`.' }),
  format: z
    .string()
    .regex(/^[A-Za-z0-9]{1,16}$/, "must be a file's extension without the dot")
    .toLowerCase()
    .optional()
    .meta({ description: 'Only documents whose file name has this extension, e.g. `pdf`.' }),
  updatedAfter: instant.optional().meta({ description: 'Only documents that changed after this time.' }),
  updatedBefore: instant.optional().meta({ description: 'Only documents that changed before this time.' }),
  ...pageQuery,
});
export const pageOnlyQuery = z.strictObject(pageQuery);

const documentSummary = z
  .object({
    documentId: documentIdSchema,
    key: z.string().meta({ description: 'Where the object lies in the bucket.' }),
    title: z.string(),
    status: documentStatus.meta({ description: 'State of the newest upload.' }),
    version: z.int().min(1).meta({ description: 'The newest upload, counted from 1.' }),
    liveVersion: z.int().optional().meta({ description: 'The version that answers draw on; absent before the first.' }),
    chunkCount: z.int().min(0).meta({ description: 'Chunks of the live version.' }),
    size: z.int().min(0).meta({ description: 'Bytes of the newest upload.' }),
    eTag: z.string().optional().meta({
      description: 'ETag of the newest upload, as S3 gives it: the MD5 of the file, unless it was uploaded in parts.',
    }),
    error: documentError.optional(),
    allowedGroups: z
      .array(z.string())
      .optional()
      .meta({ description: 'Groups that may read it; absent means everyone of the tenant, an empty list nobody.' }),
    attributes: z.record(z.string(), attributeValues).optional().meta({ description: 'What the sidecar says of it.' }),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Document' });
export type DocumentSummary = z.infer<typeof documentSummary>;
export const documentListSchema = z.object({ documents: z.array(documentSummary), ...cursorField }).meta({
  id: 'DocumentList',
  description: 'Last updated first. A page may hold fewer than asked for, even none, and still be followed by others.',
});

const documentVersion = z
  .object({
    version: z.int().min(1),
    status: z.enum([...documentStatus.options, 'DELETED']),
    attempts: z.int().min(0).meta({ description: 'How often processing was started.' }),
    size: z.int().min(0),
    chunkCount: z.int().optional().meta({ description: 'Chunks it was cut into; absent until it was read.' }),
    chunksEmbedded: z.int().min(0).meta({ description: 'Of these, how many are embedded: for a progress bar.' }),
    embeddingsReused: z.int().min(0).meta({ description: 'Chunks that an earlier version had, embedded already.' }),
    error: documentError.optional(),
    embeddingModel: z.string().optional(),
    createdAt: time,
    startedAt: time.optional(),
    completedAt: time.optional(),
  })
  .meta({ id: 'DocumentVersion' });
export const documentDetailSchema = z
  .object({ ...documentSummary.shape, versions: z.array(documentVersion).meta({ description: 'Newest first.' }) })
  .meta({ id: 'DocumentDetail' });

export const chunkListSchema = z
  .object({
    chunks: z.array(
      z
        .object({
          chunkId: z.string(),
          index: z.int().min(0),
          text: z.string(),
          context: z.string().optional().meta({ description: 'A repeated table header that the text lacks.' }),
          place: placeSchema,
          start: z.int().min(0).meta({ description: 'Offset in the document text, in UTF-16 code units.' }),
          end: z.int().min(0),
          tokenCount: z.int().min(0),
          suspicious: z.array(z.string()).optional().meta({
            description:
              'Signs that the text is to steer a model: `instruction-override`, `role-marker`, `hidden-text`, `exfiltration-link`, `invisible-characters`.',
          }),
        })
        .meta({ id: 'Chunk' }),
    ),
    ...cursorField,
  })
  .meta({ id: 'ChunkList', description: 'Chunks of the live version in reading order.' });

export const listChunksQuery = z.strictObject({
  version: z.coerce.number().int().min(1).optional().meta({ description: 'Only if this is the live version.' }),
  around: z.string().max(100).optional().meta({
    description: 'The id of a chunk, as a citation gives it: it stands in the middle of the page.',
  }),
  ...pageQuery,
});

const metadataFields = {
  attributes: attributesSchema.optional().meta({ description: 'For filters of questions and searches.' }),
  allowedGroups: groupsSchema
    .optional()
    .meta({ description: 'Groups that may read it; absent means everyone of the tenant, an empty list nobody.' }),
};
export const metadataSchema = z
  .object({
    attributes: z.record(z.string(), attributeValues),
    allowedGroups: z.array(z.string()).optional(),
    eTag: z.string().optional().meta({ description: 'Of the sidecar; absent where there is none.' }),
    error: documentError.optional().meta({ description: 'Why the sidecar cannot be read: nobody reads the document.' }),
  })
  .meta({ id: 'DocumentMetadata', description: 'What the sidecar of a document says, as the bucket has it now.' });
export const putMetadataSchema = z
  .strictObject({
    ...metadataFields,
    eTag: z.string().min(1).max(100).nullable().exactOptional().meta({
      description:
        'As read before: another sidecar is not overwritten then. Null: there was none. Absent: overwrite any.',
    }),
  })
  .meta({ id: 'PutDocumentMetadata', description: 'Replaces the sidecar as a whole.' });

export const documentLinkSchema = z
  .object({ url: z.string(), expiresAt: time })
  .meta({ id: 'DocumentLink', description: 'A link that downloads the document until it expires.' });

export const createUploadSchema = z
  .strictObject({
    name: z.string().min(1).max(255).meta({
      description: 'The file name, e.g. `handbook.pdf`; with `.metadata.json` behind it, the sidecar of that file.',
    }),
    folder: z
      .string()
      .max(700)
      .regex(/\/$/, 'must end with /')
      .optional()
      .meta({ description: 'A folder under `documents/`, e.g. `handbook/2026/`.' }),
    ...metadataFields,
  })
  .meta({
    id: 'CreateUpload',
    description: 'With groups or attributes, the sidecar is written first, in place of one that is there.',
  });
export const uploadFormSchema = z
  .object({
    documentId: documentIdSchema,
    key: z.string(),
    upload: z
      .object({ url: z.string(), fields: z.record(z.string(), z.string()) })
      .meta({ description: 'Post a multipart/form-data form to `url`: these fields, then the file as `file`.' }),
    maxBytes: z.int(),
    expiresAt: time,
  })
  .meta({ id: 'UploadForm' });

export const acceptedSchema = z
  .object({ documentId: documentIdSchema, key: z.string() })
  .meta({ id: 'Accepted', description: 'The change is under way; GET /documents shows when it is done.' });

const jobStatus = z.enum(['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED']);
const errorCode = z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be a code as `error.code` has it');
const batchJob = z
  .strictObject({
    kind: z.literal('BATCH').meta({ description: 'Process everything under a prefix again.' }),
    prefix: z.string().min(1).max(1_024).meta({
      description:
        'What the keys start with, e.g. `documents/handbook/`; under `incoming/`, also what was filed from there.',
    }),
  })
  .meta({ id: 'BatchJob' });
const incrementalJob = z
  .strictObject({
    kind: z.literal('INCREMENTAL').meta({ description: 'Compare bucket, documents, chunks and vectors, and mend.' }),
    quietMinutes: z.int().min(0).max(10_080).optional().meta({
      description: 'Leave alone what changed within these minutes, as it is most likely under way. Default: 60.',
    }),
  })
  .meta({ id: 'IncrementalJob' });
const reindexJob = z
  .strictObject({
    kind: z.literal('REINDEX').meta({ description: 'Process again what answers draw on.' }),
    models: z
      .enum(['all', 'others'])
      .default('all')
      .meta({ description: '`others`: only what another than the present embedding model embedded.' }),
  })
  .meta({ id: 'ReindexJob' });
export const createJobSchema = z
  .discriminatedUnion('kind', [batchJob, incrementalJob, reindexJob])
  .meta({ id: 'CreateJob' });
export const retryDocumentsSchema = z
  .strictObject({ code: errorCode.optional().meta({ description: 'Only documents that failed with this code.' }) })
  .meta({ id: 'RetryDocuments' });
export const listJobsQuery = z.strictObject({
  status: jobStatus.optional().meta({ description: 'Only jobs in this state.' }),
  ...pageQuery,
});

const mendKind = z.enum(['registered', 'updated', 'deleted', 'resent', 'rebuilt', 'removed', 'metadata']);
export const jobSchema = z
  .object({
    jobId: z.string(),
    kind: z.enum(['BATCH', 'INCREMENTAL', 'REINDEX', 'RETRY']),
    status: jobStatus,
    prefix: z.string().optional(),
    models: z.enum(['all', 'others']).optional(),
    codes: z.array(z.string()).readonly().optional(),
    quietMinutes: z.int().optional(),
    startedBy: z.string().meta({ description: 'The id of the API key, or `schedule`.' }),
    startedAt: time,
    updatedAt: time,
    endedAt: time.optional(),
    listed: z.boolean().meta({ description: 'Everything was looked through: `total` grows no more.' }),
    examined: z.int().min(0).meta({ description: 'Objects, documents, chunks and vectors looked at.' }),
    total: z.int().min(0).meta({ description: 'Documents that are processed because of it.' }),
    processed: z.int().min(0).meta({ description: 'Of these, done; or overtaken by a newer upload, or deleted.' }),
    failed: z.int().min(0).meta({ description: 'Of these, FAILED.' }),
    documentsPerMinute: z.number().min(0).meta({ description: 'Since it started.' }),
    secondsLeft: z.int().optional().meta({ description: 'At this pace; absent while it is unknown.' }),
    mended: z.record(mendKind, z.int()).optional().meta({ description: 'INCREMENTAL: what was mended, how often.' }),
    examples: z
      .array(z.object({ kind: mendKind, documentId: z.string(), key: z.string().optional() }))
      .optional()
      .meta({ description: 'INCREMENTAL: the first things that were mended.' }),
    error: z.string().optional(),
  })
  .meta({ id: 'Job' });
export const redriveSchema = z
  .object({
    queues: z
      .array(z.object({ queue: z.string(), messages: z.int().min(1) }))
      .meta({ description: 'Dead-letter queues that held messages, which are on their way back.' }),
    job: jobSchema.meta({ description: 'Retries the documents that FAILED for a reason that is not in the file.' }),
  })
  .meta({ id: 'Redrive' });
export const jobListSchema = z
  .object({ jobs: z.array(jobSchema), ...cursorField })
  .meta({ id: 'JobList', description: 'Last started first.' });

const titleSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must be one line, without control characters');
export const renameConversationSchema = z.strictObject({ title: titleSchema }).meta({ id: 'RenameConversation' });

export const conversationSchema = z
  .object({
    conversationId: conversationIdSchema,
    title: z.string(),
    turnCount: z.int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Conversation' });
export const conversationListSchema = z
  .object({ conversations: z.array(conversationSchema), ...cursorField })
  .meta({ id: 'ConversationList', description: 'Last updated first.' });

const comment = z.string().trim().min(1).max(2_000).exactOptional();
const reasons = <Reasons extends readonly [string, ...string[]]>(values: Reasons) =>
  z.array(z.enum(values)).max(values.length).default([]);
const goodFeedback = z
  .strictObject({ rating: z.literal('up'), reasons: reasons(FEEDBACK_REASONS.up), comment })
  .meta({ id: 'GoodFeedback' });
const badFeedback = z
  .strictObject({ rating: z.literal('down'), reasons: reasons(FEEDBACK_REASONS.down), comment })
  .meta({ id: 'BadFeedback' });
export const giveFeedbackSchema = z
  .discriminatedUnion('rating', [goodFeedback, badFeedback])
  .meta({ id: 'GiveFeedback' });
export const feedbackSchema = z
  .object({
    rating: z.enum(['up', 'down']),
    reasons: z.array(z.enum([...FEEDBACK_REASONS.up, ...FEEDBACK_REASONS.down])),
    comment: z.string().exactOptional(),
    updatedAt: time,
  })
  .meta({ id: 'Feedback', description: 'What you said of an answer.' });

const turn = z
  .object({
    turnId: turnIdSchema,
    parentTurnId: parentField,
    question: z.string(),
    answer: z.string(),
    refused: z.boolean(),
    grounded: z.boolean(),
    groundedness: groundednessSchema.exactOptional(),
    citations: z.array(storedCitationSchema),
    nearest: nearestSchema.exactOptional(),
    model: modelField,
    intervention: interventionSchema.exactOptional(),
    usage: usageSchema,
    latencyMs: z.number(),
    createdAt: time,
    feedback: feedbackSchema.exactOptional(),
  })
  .meta({ id: 'Turn' });
export const conversationDetailSchema = z
  .object({
    ...conversationSchema.shape,
    turns: z.array(turn).meta({
      description:
        'Of all branches, oldest first. Turns with one `parentTurnId` are branches; a parent may have expired.',
    }),
    newestPath: z.array(turnIdSchema).optional().meta({
      description: 'On the first page: the ids of the turns from the first one down to the newest one.',
    }),
    ...cursorField,
  })
  .meta({ id: 'ConversationDetail' });

export const suggestionsSchema = z
  .object({
    questions: z.array(z.string()).meta({
      description: 'At most 6, in the languages of the documents; none where the documents offer none.',
    }),
  })
  .meta({ id: 'Suggestions', description: 'First questions, from documents that you may read.' });

export const ingestionRulesSchema = z
  .object({
    // Of several patterns none may be about the tenant.
    rules: ingestionRules.extend({ include: ingestionRules.shape.exclude }),
    s3VersionId: z.string().optional().meta({ description: 'The version of the file that they were read from.' }),
    error: z
      .string()
      .optional()
      .meta({ description: 'What is wrong with the newest version of the file, so that an older one is in force.' }),
  })
  .meta({ id: 'IngestionRules' });
export const exportQuery = z.strictObject({
  format: z.enum(['markdown', 'json']).default('markdown').meta({ description: 'What the file is.' }),
});
export const conversationExportSchema = z
  .object({
    ...conversationSchema.shape,
    turns: z.array(turn).meta({ description: 'Of all branches, oldest first.' }),
    newestPath: z
      .array(turnIdSchema)
      .meta({ description: 'The ids of the turns from the first one down to the newest one.' }),
    exportedAt: time,
  })
  .meta({ id: 'ConversationExport' });

const access = {
  role: z.enum(ROLES).meta({ description: 'What they may do, each role including those before it.' }),
  groups: z.array(groupName).max(100).meta({ description: 'Documents that name groups are read by their members.' }),
};
export const identitySchema = z
  .object({
    userId: z.string(),
    name: z.string().optional(),
    tenant: z.string(),
    ...access,
    apiKeyId: z.string().optional(),
  })
  .meta({ id: 'Identity' });

const keyName = z.string().trim().min(1).max(100);
export const createKeySchema = z
  .strictObject({
    name: keyName.meta({ description: 'What it is for.' }),
    role: access.role.default('reader'),
    groups: access.groups.default([]),
    expiresInDays: z.int().min(1).max(366).default(90),
  })
  .meta({ id: 'CreateKey' });
const keyFields = {
  keyId: z.string(),
  name: z.string(),
  ...access,
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
  revokedAt: time.optional(),
};
const keySchema = z.object(keyFields).meta({ id: 'ApiKey' });
export const newKeySchema = z
  .object({
    key: z.string().meta({ description: 'Send it as `x-api-key`. It is stored nowhere and told this once.' }),
    ...keyFields,
  })
  .meta({ id: 'NewApiKey' });
export const keyListSchema = z
  .object({ keys: z.array(keySchema), ...cursorField })
  .meta({ id: 'ApiKeyList', description: 'Last made first; expired ones are forgotten after a while.' });

export const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' });
export const openApiSchema = z.looseObject({ openapi: z.string() }).meta({ id: 'OpenApiDocument' });
