import { rejectionOf } from './failures.ts';
import type { IntakePorts } from './ports.ts';
import { registerEvent } from './registration.ts';
import type { ObjectEvent } from './s3-event.ts';

export interface IntakeOutcome {
  readonly outcome: 'queued' | 'repeated' | 'rejected' | 'deleted' | 'stale' | 'sidecar-recorded' | 'sidecar-alone';
  readonly documentId: string;
  readonly version?: number;
}

/** First step of a document's story: S3 event → registry → process queue, or the remove queue. */
export async function intake(
  ports: IntakePorts,
  event: ObjectEvent,
  { maxDocumentBytes }: { readonly maxDocumentBytes: number },
): Promise<IntakeOutcome> {
  const registered = await registerEvent(ports, event);
  if (registered.outcome !== 'uploaded') return registered;
  const { documentId, version, status, upload } = registered;

  // A repeated event goes on only while PENDING: the first try may have died before it sent the message. From PROCESSING
  // on the message is known to have arrived, and its queue keeps it until it is done or dead.
  if (status !== 'PENDING') return { outcome: 'repeated', documentId, version };
  const error = rejectionOf(upload.size, maxDocumentBytes);
  if (error) {
    await ports.documents.fail(documentId, version, error);
    return { outcome: 'rejected', documentId, version };
  }
  await ports.processQueue.send([{ documentId, version }]);
  return { outcome: 'queued', documentId, version };
}
