import * as z from 'zod';

/** Ingestion messages carry pointers, not text: handled twice, they do no harm. */
const documentVersion = { documentId: z.string().min(1), version: z.int().min(1) };

export const processMessage = z.strictObject(documentVersion);
export type ProcessMessage = z.infer<typeof processMessage>;

/** Chunks `from` (inclusive) to `to` (exclusive) are batch number `batch`, counted from 0. */
export const embedMessage = z.strictObject({
  ...documentVersion,
  batch: z.int().min(0),
  from: z.int().min(0),
  to: z.int().min(1),
});
export type EmbedMessage = z.infer<typeof embedMessage>;

/** The vectors of this version, which is live, are to be written anew. Goes the way of the messages to embed. */
export const rebuildMessage = z.strictObject({ ...documentVersion, rebuild: z.literal(true) });
export type RebuildMessage = z.infer<typeof rebuildMessage>;

/** The document's groups or attributes have changed, at this count of changes: its vectors are to follow. Goes that way too. */
export const metadataMessage = z.strictObject({
  documentId: documentVersion.documentId,
  metadataRevision: z.int().min(0),
  /** Goes on after this chunk: those before it have been seen to. */
  after: z.strictObject({ version: z.int().min(1), index: z.int().min(0) }).optional(),
});
export type MetadataMessage = z.infer<typeof metadataMessage>;

/**
 * Amazon Textract tells that it is done with a file. `JobTag` is what the job was started with.
 * @see https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
 */
export const recognitionMessage = z
  .object({
    JobId: z.string().min(1),
    Status: z.enum(['SUCCEEDED', 'FAILED', 'ERROR']),
    JobTag: z.string().regex(/^[0-9a-f]+:[1-9]\d*$/),
  })
  .transform(({ JobId, Status, JobTag }) => {
    const [documentId = '', version] = JobTag.split(':');
    const outcome = Status === 'SUCCEEDED' ? ('recognized' as const) : ('failed' as const);
    return { documentId, version: Number(version), jobId: JobId, outcome };
  });
export type RecognitionMessage = z.infer<typeof recognitionMessage>;

/** The object of this upload, which has ended, is to leave the drop box. Goes the way of the removals. */
export const fileMessage = z.strictObject({ ...documentVersion, file: z.literal(true) });
export type FileMessage = z.infer<typeof fileMessage>;

/** The chunks and vectors of this version are to go. */
export const removeMessage = z.strictObject({ ...documentVersion, tenant: z.string().min(1) });
export type RemoveMessage = z.infer<typeof removeMessage>;
