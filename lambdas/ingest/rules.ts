import { posix } from 'node:path';
import * as z from 'zod';
import type { DocumentError } from '../document.ts';
import type { DocumentBucket } from '../ports.ts';
import type { ChunkOptions } from './chunk-packer.ts';
import { type FormatOptions, formatOptions } from './parse/format-options.ts';

/** Where the rules lie; nothing under this prefix is a document. */
export const RULES_KEY = 'config/ingestion-rules.json';
const MAX_BYTES = 65_536;
/** How far back a good version of a broken file is looked for. */
const MAX_VERSIONS = 20;

const megabytes = z.number().positive().max(1_000);
const settings = {
  maxMegabytes: megabytes.optional(),
  chunkTokens: z.int().min(50).max(8_000).optional(),
  chunkOverlapTokens: z.int().min(0).max(4_000).optional(),
  formats: formatOptions.optional(),
  /** Whether scans have their letters recognized, where the stack can do it. */
  ocr: z.boolean().optional(),
};
const globs = z.array(z.string().min(1).max(500)).max(200);

/**
 * The rules as they stand in the bucket. A field of the folder with the longest name counts before a general one; of
 * `formats`, each format by itself.
 */
export const ingestionRules = z.strictObject({
  include: globs.min(1).optional(),
  exclude: globs.optional(),
  ...settings,
  folders: z.record(z.string().regex(/\/$/, 'a folder ends with /'), z.strictObject(settings)).optional(),
});
export type IngestionRules = z.infer<typeof ingestionRules>;

export interface LoadedRules {
  /** Those in force; without a file there are none. */
  readonly rules: IngestionRules;
  /** The S3 version they were read from; absent when none are in force. */
  readonly s3VersionId?: string;
  /** What is wrong with the newest file, so that an older one is in force. */
  readonly error?: string;
}

/** What the rules say of one document. */
export interface DocumentRule {
  readonly rejection?: DocumentError;
  readonly maxBytes?: number;
  readonly chunking?: Partial<ChunkOptions>;
  readonly formats?: FormatOptions;
  readonly ocr?: boolean;
}

/** @param key the document's whole key, e.g. `documents/drafts/a.md` */
export function ruleFor(rules: IngestionRules, key: string): DocumentRule {
  const { include = ['**'], exclude = [] } = rules;
  const matches = (glob: string) => posix.matchesGlob(key, glob);
  const excludedBy = exclude.find(matches);
  if (excludedBy !== undefined) return { rejection: excluded(`${excludedBy} excludes it`) };
  if (!include.some(matches)) return { rejection: excluded('no pattern of its `include` matches') };
  const folders = Object.entries(rules.folders ?? {}).filter(([folder]) => key.startsWith(folder));
  const [, folder = {}] = folders.sort(([a], [b]) => b.length - a.length)[0] ?? [];
  const { maxMegabytes, chunkTokens, chunkOverlapTokens, ocr } = { ...rules, ...folder };
  const chunking = {
    ...(chunkTokens !== undefined && { targetTokens: chunkTokens }),
    ...(chunkOverlapTokens !== undefined && { overlapTokens: chunkOverlapTokens }),
  };
  const formats = { ...rules.formats, ...folder.formats };
  return {
    ...(maxMegabytes !== undefined && { maxBytes: Math.floor(maxMegabytes * 1_000_000) }),
    ...(Object.keys(chunking).length > 0 && { chunking }),
    ...(Object.keys(formats).length > 0 && { formats }),
    ...(ocr !== undefined && { ocr }),
  };
}

const excluded = (reason: string): DocumentError => ({
  code: 'excluded',
  message: `The ingestion rules leave this file out: ${reason}. Move it, or have ${RULES_KEY} changed and retry.`,
});

type RulesBucket = Pick<DocumentBucket, 'head' | 'read' | 'versions'>;

/**
 * Reads the rules whenever they are asked for, the file itself only when it changed. A file that is broken changes
 * nothing: the last good version of it stays in force, and `error` says what is wrong. A file that was deleted ends its
 * rules.
 * @param warn told once about each broken version
 */
export function rulesReader(bucket: RulesBucket, warn: (error: string) => void = () => undefined) {
  let cached: { readonly version: string; readonly loaded: LoadedRules } | undefined;
  return async (): Promise<LoadedRules> => {
    const object = await bucket.head(RULES_KEY);
    if (!object) return { rules: {} };
    const version = object.s3VersionId ?? object.eTag;
    if (cached?.version !== version) {
      cached = { version, loaded: await loadRules(bucket, object) };
      if (cached.loaded.error !== undefined) warn(cached.loaded.error);
    }
    return cached.loaded;
  };
}

async function loadRules(
  bucket: RulesBucket,
  { size, s3VersionId }: { readonly size: number; readonly s3VersionId?: string },
): Promise<LoadedRules> {
  const newest = await readRules(bucket, s3VersionId, size);
  if (typeof newest !== 'string') return { rules: newest, ...(s3VersionId !== undefined && { s3VersionId }) };
  for (const older of await bucket.versions(RULES_KEY, MAX_VERSIONS)) {
    const rules = older === s3VersionId ? newest : await readRules(bucket, older);
    if (typeof rules !== 'string') return { rules, s3VersionId: older, error: newest };
  }
  return { rules: {}, error: newest };
}

/** @returns the rules, or what is wrong with them */
async function readRules(bucket: RulesBucket, s3VersionId: string | undefined, size = 0) {
  if (size > MAX_BYTES) return `it has ${size} bytes, at most ${MAX_BYTES} are read`;
  const bytes = await bucket.read(RULES_KEY, s3VersionId);
  return bytes ? parseRules(bytes) : 'it is gone';
}

/** @returns the rules, or what is wrong with them */
export function parseRules(bytes: Uint8Array): IngestionRules | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return 'it is not JSON in UTF-8';
  }
  const { data, error } = ingestionRules.safeParse(json);
  return data ?? error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
}
