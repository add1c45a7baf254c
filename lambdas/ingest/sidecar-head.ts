import { isDeepStrictEqual } from 'node:util';
import type { DocumentHead } from '../document.ts';
import type { SidecarReading } from '../ports.ts';

/** What of a head follows from its sidecar; a field that is undefined is to go. */
type SidecarFields = Pick<
  DocumentHead,
  | 'groups'
  | 'attributes'
  | 'sidecarVersion'
  | 'sidecarError'
  | 'sidecarReadings'
  | 'metadataRevision'
  | 'metadataPending'
  | 'retiredAttributes'
  | 'status'
  | 'error'
>;

/**
 * The head's fields once the sidecar is recorded; see `DocumentStore.recordSidecar`. A version that is not complete goes
 * on whatever the sidecar says: its own end decides, and the switch to it asks for the sidecar's error.
 */
export function sidecarFields(head: DocumentHead, { version, metadata, error }: SidecarReading): SidecarFields {
  const { groups, attributes } = metadata;
  const same = isDeepStrictEqual([groups, attributes], [head.groups, head.attributes]);
  const complete = head.liveVersion !== undefined && head.liveVersion === head.newestVersion;
  const retired = new Set([...(head.retiredAttributes ?? []), ...Object.keys(head.attributes ?? {})]);
  for (const name of Object.keys(attributes ?? {})) retired.delete(name);
  // Before that, embedding reads the head itself.
  const hasVectors = head.liveVersion !== undefined || head.status === 'PROCESSING';
  return {
    groups,
    attributes,
    sidecarVersion: version,
    sidecarError: error,
    sidecarReadings: (head.sidecarReadings ?? 0) + 1,
    metadataRevision: (head.metadataRevision ?? 0) + (same ? 0 : 1),
    metadataPending: (hasVectors && !same) || head.metadataPending || undefined,
    retiredAttributes: retired.size > 0 ? [...retired] : undefined,
    ...(complete ? completed(error) : { status: head.status, error: head.error }),
  };
}

/** State of a document whose newest version is live. */
export const completed = (sidecarError: DocumentHead['sidecarError']): Pick<DocumentHead, 'status' | 'error'> =>
  sidecarError ? { status: 'FAILED', error: sidecarError } : { status: 'COMPLETED', error: undefined };
