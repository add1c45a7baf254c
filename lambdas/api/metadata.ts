import type * as z from 'zod';
import type { Reader } from '../conversation.ts';
import { AppFailure } from '../errors.ts';
import { MAX_SIDECAR_BYTES, readSidecar, sidecarKeyOf, sidecarText } from '../ingest/sidecar.ts';
import { type DocumentPorts, knownHead } from './documents.ts';
import type { metadataSchema, putMetadataSchema } from './schemas.ts';

type Ports = Pick<DocumentPorts, 'documents' | 'bucket'>;
type Metadata = z.infer<typeof metadataSchema>;

/** What the document's sidecar says now; the document itself follows by the sidecar's event. */
export async function getMetadata(ports: Ports, reader: Reader, documentId: string): Promise<Metadata> {
  const { key } = await knownHead(ports, reader, documentId);
  const { metadata, error, eTag } = await readSidecar(ports.bucket, key);
  const { attributes, groups } = metadata;
  return {
    attributes: { ...attributes },
    ...(groups && { allowedGroups: [...groups] }),
    ...(eTag !== undefined && { eTag }),
    ...(error && { error }),
  };
}

/**
 * Writes the document's sidecar anew. Who may do so decides who may read the document.
 * @throws AppFailure metadata-changed when the sidecar is another than the one with the eTag given
 */
export async function putMetadata(
  ports: Ports,
  reader: Reader,
  documentId: string,
  { eTag, ...metadata }: z.infer<typeof putMetadataSchema>,
): Promise<Metadata> {
  const { key } = await knownHead(ports, reader, documentId);
  const file = [sidecarKeyOf(key), sidecarOf(metadata), 'application/json'] as const;
  const written =
    eTag === undefined ? await ports.bucket.write(...file) : await ports.bucket.writeOnto(eTag ?? undefined, ...file);
  if (written === 'changed') throw new AppFailure({ kind: 'metadata-changed', documentId });
  const { attributes = {}, allowedGroups } = metadata;
  return { attributes, ...(allowedGroups && { allowedGroups }), eTag: written.eTag };
}

/** @throws AppFailure invalid-request when ingestion would not read it for its size */
export function sidecarOf({
  attributes,
  allowedGroups: groups,
}: Pick<z.infer<typeof putMetadataSchema>, 'attributes' | 'allowedGroups'>): string {
  const text = sidecarText({ ...(attributes && { attributes }), ...(groups && { groups: [...new Set(groups)] }) });
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SIDECAR_BYTES) return text;
  const issues = [`attributes: groups and attributes take ${bytes} bytes, at most ${MAX_SIDECAR_BYTES} are read`];
  throw new AppFailure({ kind: 'invalid-request', issues });
}
