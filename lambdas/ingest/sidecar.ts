import * as z from 'zod';
import { ATTRIBUTE_NAME } from '../attribute-filter.ts';
import type { AttributeValue, DocumentError, DocumentMetadata } from '../document.ts';
import { groupName } from '../identity/identity-rules.ts';
import type { DocumentBucket, SidecarReading } from '../ports.ts';

const SUFFIX = '.metadata.json';
/** As for Bedrock Knowledge Bases. */
export const MAX_SIDECAR_BYTES = 10_240;
const MAX_ATTRIBUTES = 50;
const MAX_LIST = 100;
const MAX_TEXT = 2_048;
/** Stands for everyone in the vector store, so that no group may be called so. */
export const EVERYONE = '*';

export const sidecarKeyOf = (documentKey: string): string => `${documentKey}${SUFFIX}`;

/** The key of the file that the sidecar stands beside; undefined when `key` names no sidecar. */
export const documentKeyOfSidecar = (key: string): string | undefined =>
  key.endsWith(SUFFIX) ? key.slice(0, -SUFFIX.length) : undefined;

const text = z.string().min(1).max(MAX_TEXT);
const list = z.array(text).min(1).max(MAX_LIST);
const number = z.number();
/** Bedrock's long form; it may say that the value is to be embedded, which is not done here. */
const typed = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('STRING'), stringValue: text }),
    z.strictObject({ type: z.literal('NUMBER'), numberValue: number }),
    z.strictObject({ type: z.literal('BOOLEAN'), booleanValue: z.boolean() }),
    z.strictObject({ type: z.literal('STRING_LIST'), stringListValue: list }),
  ])
  .transform((value): AttributeValue => {
    switch (value.type) {
      case 'STRING':
        return value.stringValue;
      case 'NUMBER':
        return value.numberValue;
      case 'BOOLEAN':
        return value.booleanValue;
      case 'STRING_LIST':
        return value.stringListValue;
    }
  });
const longForm = z
  .strictObject({ value: typed, includeForEmbedding: z.boolean().optional() })
  .transform(({ value }) => value);

const attributeValue = z.union([text, number, z.boolean(), list, longForm], {
  error: `must be a text of 1 to ${MAX_TEXT} characters, a number, true, false, a list of 1 to ${MAX_LIST} texts, or { "value": { "type": … } }`,
});
const attributeName = z
  .string()
  .regex(ATTRIBUTE_NAME, 'a name has 1 to 64 letters, digits, `_`, `.` or `-`, a letter first')
  .refine(name => name !== 'allowedGroups', '`allowedGroups` stands beside `metadataAttributes`, not in it');

export const attributesSchema = z
  .record(attributeName, attributeValue)
  .refine(all => Object.keys(all).length <= MAX_ATTRIBUTES, `has more than ${MAX_ATTRIBUTES} attributes`);
export const groupsSchema = z.array(groupName).max(MAX_LIST);

/** Strict, because a misspelt `allowedGroups` that was passed over would open the document to everyone. */
const sidecar = z.strictObject({
  metadataAttributes: attributesSchema.optional(),
  allowedGroups: groupsSchema.optional(),
  /** Bedrock's hints on the columns of a CSV file; not used here. */
  documentStructureConfiguration: z.unknown().optional(),
});

export interface FoundSidecar extends SidecarReading {
  /** Of the sidecar; absent where there is none. */
  readonly eTag?: string;
}

/**
 * The sidecar of a document as the bucket holds it now: `<name>.metadata.json` beside the file, in the form of Bedrock
 * Knowledge Bases, with `allowedGroups` beside `metadataAttributes`. One that cannot be read gives the document to
 * nobody: who may read it is not known.
 */
export async function readSidecar(
  bucket: Pick<DocumentBucket, 'head' | 'read'>,
  documentKey: string,
): Promise<FoundSidecar> {
  const key = sidecarKeyOf(documentKey);
  const object = await bucket.head(key);
  if (!object) return { version: 'none', metadata: {} };
  const { size, s3VersionId, eTag } = object;
  const version = s3VersionId ?? eTag;
  if (size > MAX_SIDECAR_BYTES) {
    return { ...broken(version, key, `it has ${size} bytes, at most ${MAX_SIDECAR_BYTES} are read`), eTag };
  }
  const bytes = await bucket.read(key, s3VersionId);
  // Deleted for good since a moment ago: whatever happened has an event that leads here again.
  if (!bytes) return { version: 'none', metadata: {} };
  const parsed = parseSidecar(bytes);
  return { ...(typeof parsed === 'string' ? broken(version, key, parsed) : { version, metadata: parsed }), eTag };
}

/** The file that says this of a document, as `parseSidecar` reads it. */
export function sidecarText({ groups, attributes }: DocumentMetadata): string {
  return JSON.stringify(
    { ...(attributes && { metadataAttributes: attributes }), ...(groups && { allowedGroups: groups }) },
    undefined,
    2,
  );
}

/** @returns what it says, or what is wrong with it */
export function parseSidecar(bytes: Uint8Array): DocumentMetadata | string {
  const json = parseJson(bytes);
  if (json === undefined) return 'it is not JSON in UTF-8';
  const { data, error } = sidecar.safeParse(json);
  if (!data) return error.issues.map(describe).join('; ');
  const { metadataAttributes: attributes = {}, allowedGroups } = data;
  return {
    ...(allowedGroups && { groups: [...new Set(allowedGroups)] }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  };
}

function describe(issue: z.core.$ZodIssue): string {
  const reasons = issue.code === 'invalid_key' ? issue.issues : [issue];
  return `${issue.path.join('.') || 'it'}: ${reasons.map(({ message }) => message).join(', ')}`;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); // drops a byte order mark
  } catch {
    return undefined; // what is wrong with it matters to nobody but its author, who is told that it is no JSON
  }
}

const MAX_REASON = 500;

function broken(version: string, key: string, reason: string): SidecarReading {
  const shown = reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON)}…` : reason;
  const error: DocumentError = {
    code: 'sidecar-invalid',
    message: `${key} cannot be used: ${shown}. Until it is corrected or deleted, nobody can read this document.`,
  };
  return { version, metadata: { groups: [] }, error };
}
