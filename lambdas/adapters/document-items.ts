import * as z from 'zod';
import type { ChunkRef, DocumentHead, DocumentVersion, StoredChunk } from '../document.ts';

/**
 * The items of the Documents and Chunks tables, shared by all adapters that read them.
 * Documents: `documentId`, `version`; version 0 is the head. Only heads that are not deleted carry `updatedAt`, the sort
 * key of the indexes `tenant-updatedAt` and `status-updatedAt`, so the indexes hold exactly the documents to be listed.
 * Chunks: `documentId`, `chunkKey`.
 */
const status = z.enum(['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'DELETED']);
const error = z.object({ code: z.string(), message: z.string() });

/** What the head keeps of its newest upload, so that a version item lost to a crash can be written again. */
const newestUpload = z.object({
  s3VersionId: z.string().optional(),
  eTag: z.string(),
  size: z.number(),
  sequencer: z.string(),
  createdAt: z.string(),
});

const attributeValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const filedObject = z.object({ version: z.number(), key: z.string(), s3VersionId: z.string().optional() });

const headItem = z.object({
  documentId: z.string(),
  version: z.literal(0),
  tenant: z.string(),
  key: z.string(),
  title: z.string(),
  status,
  liveVersion: z.number().optional(),
  newestVersion: z.number(),
  /** Padded, so that it compares as a string. */
  sequencer: z.string(),
  unordered: z.boolean().optional(),
  jobId: z.string().optional(),
  groups: z.array(z.string()).optional(),
  attributes: z.record(z.string(), attributeValue).optional(),
  sidecarVersion: z.string().optional(),
  sidecarError: error.optional(),
  sidecarReadings: z.number().optional(),
  metadataRevision: z.number().optional(),
  metadataPending: z.boolean().optional(),
  processedObject: filedObject.optional(),
  failedObject: filedObject.optional(),
  retiredAttributes: z.array(z.string()).optional(),
  size: z.number(),
  chunkCount: z.number(),
  error: error.optional(),
  createdAt: z.string(),
  updatedAt: z.string().optional(),
  deletedAt: z.string().optional(),
  newestUpload: newestUpload.optional(),
});
export type HeadItem = z.infer<typeof headItem>;

const versionItem = z.object({
  documentId: z.string(),
  version: z.int().min(1),
  tenant: z.string(),
  key: z.string(),
  s3VersionId: z.string().optional(),
  eTag: z.string(),
  size: z.number(),
  sequencer: z.string(),
  status,
  title: z.string().optional(),
  contentHash: z.string().optional(),
  chunkCount: z.number().optional(),
  batchCount: z.number().optional(),
  /** DynamoDB knows no empty set: absent means none. */
  embeddedBatches: z.set(z.number()).default(new Set()),
  embeddingsReused: z.number().optional(),
  attempts: z.number(),
  error: error.optional(),
  embeddingModel: z.string().optional(),
  createdAt: z.string(),
  startedAt: z.string().optional(),
  completedAt: z.string().optional(),
});

const place = z.object({
  page: z.number().optional(),
  sheet: z.string().optional(),
  slide: z.number().optional(),
  section: z.string().optional(),
});
const chunkItem = z.object({
  documentId: z.string(),
  version: z.number(),
  index: z.number(),
  text: z.string(),
  context: z.string().optional(),
  start: z.number(),
  end: z.number(),
  tokenCount: z.number(),
  textHash: z.string(),
  place,
  sections: z.array(z.object({ start: z.number(), section: z.string() })).optional(),
  suspicious: z.array(z.string()).optional(),
});

/** Key of the Chunks table: `000001#000042`, which sorts by version and then in reading order. */
export const chunkKeyOf = (version: number, index: number): string =>
  `${chunkKeyPrefix(version)}${String(index).padStart(6, '0')}`;
export const chunkKeyPrefix = (version: number): string => `${String(version).padStart(6, '0')}#`;

/** The head with what only the registry itself needs. @throws ZodError for an item that is not a head */
export const parseHeadItem = (item: unknown): HeadItem => headItem.parse(item);

/** @throws ZodError for an item that is not a head */
export function parseHead(item: unknown): DocumentHead {
  const { version: _, newestUpload, deletedAt, updatedAt, ...head } = headItem.parse(item);
  const eTag = newestUpload && { eTag: newestUpload.eTag };
  return { ...head, ...eTag, updatedAt: updatedAt ?? deletedAt ?? head.createdAt };
}

/** @throws ZodError for an item that is not a version */
export function parseVersion(item: unknown): DocumentVersion {
  const { embeddedBatches, ...version } = versionItem.parse(item);
  return { ...version, embeddedBatches: [...embeddedBatches].sort((a, b) => a - b) };
}

const chunkKeys = z.object({ documentId: z.string(), chunkKey: z.string().regex(/^\d{6,}#\d{6,}$/) });

/** Reads the key of a chunk. @throws ZodError for the key of something else */
export function parseChunkKey(item: unknown): ChunkRef {
  const { documentId, chunkKey } = chunkKeys.parse(item);
  const [version, index] = chunkKey.split('#').map(Number);
  return { documentId, version: version ?? 0, index: index ?? 0 };
}

/** @throws ZodError for an item that is not a chunk */
export const parseChunk = (item: unknown): StoredChunk => chunkItem.parse(item);
