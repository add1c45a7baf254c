import { type DocumentStatus, documentIdOf, type Upload } from '../document.ts';
import { applySidecar, sendForMetadata } from './metadata.ts';
import { removeAllOutdated } from './outdated.ts';
import type { RegistrationPorts } from './ports.ts';
import type { ObjectEvent } from './s3-event.ts';

export type RegisteredEvent =
  | {
      readonly outcome: 'uploaded';
      readonly documentId: string;
      readonly version: number;
      readonly status: DocumentStatus;
      readonly upload: Upload;
    }
  | { readonly outcome: 'deleted' | 'stale' | 'sidecar-recorded' | 'sidecar-alone'; readonly documentId: string };

/** An event of a key, without what it says about the object. */
interface KeyEvent {
  readonly tenant: string;
  readonly key: string;
  readonly sequencer: string;
}

/**
 * Brings the registry in line with one event of the bucket; duplicate, late and reordered events change nothing.
 * What a deletion, or a newer event, has made outdated is sent to be removed.
 */
export async function registerEvent(ports: RegistrationPorts, event: ObjectEvent): Promise<RegisteredEvent> {
  switch (event.kind) {
    case 'created':
      return registerUpload(ports, event.upload);
    case 'deleted':
      return registerDeletion(ports, event);
    case 'version-deleted':
      return registerPresent(ports, event);
    case 'sidecar':
      return registerSidecar(ports, event);
  }
}

/**
 * Registers what the bucket shows now. It is at least as new as this event, so it may go by the event's sequencer:
 * whatever happened to the key since then has an event of its own with a later one.
 */
async function registerPresent(ports: RegistrationPorts, event: KeyEvent): Promise<RegisteredEvent> {
  const { tenant, key, sequencer } = event;
  const present = await ports.bucket.head(key);
  if (present) return registerUpload(ports, { tenant, key, sequencer, ...present }, { asPresent: true });
  return registerDeletion(ports, event, { asPresent: true });
}

/** Who may see a document whose sidecar was not looked for yet. */
const nobody: readonly string[] = [];

async function registerUpload(
  ports: RegistrationPorts,
  upload: Upload,
  origin?: { readonly asPresent: true },
): Promise<RegisteredEvent> {
  const documentId = documentIdOf(upload.tenant, upload.key);
  const registration = await ports.documents.registerUpload(upload, { ...origin, groups: nobody });
  if (registration.outcome === 'unordered') return registerPresent(ports, upload);
  await applySidecar(ports, upload, { evenIfSame: false });
  if (registration.outcome === 'stale') return sweep(ports, 'stale', documentId);
  const { version, status } = registration;
  if (version > 1) await removeAllOutdated(ports, documentId); // what this upload supersedes and was not live
  return { outcome: 'uploaded', documentId, version, status, upload };
}

async function registerDeletion(
  ports: RegistrationPorts,
  { tenant, key, sequencer }: KeyEvent,
  origin?: { readonly asPresent: true },
): Promise<RegisteredEvent> {
  const { outcome } = await ports.documents.registerDeletion({ tenant, key, sequencer }, origin);
  if (outcome === 'unordered') return registerPresent(ports, { tenant, key, sequencer });
  return sweep(ports, outcome === 'stale' ? 'stale' : 'deleted', documentIdOf(tenant, key));
}

async function registerSidecar(
  ports: RegistrationPorts,
  object: { readonly tenant: string; readonly key: string },
): Promise<RegisteredEvent> {
  const documentId = documentIdOf(object.tenant, object.key);
  const head = await applySidecar(ports, object, { evenIfSame: true });
  if (!head) return { outcome: 'sidecar-alone', documentId };
  // Also when nothing changed: whoever handled this event before may have stopped short of this.
  await sendForMetadata(ports.metadataQueue, head);
  return { outcome: 'sidecar-recorded', documentId };
}

/** Also after a stale event: whoever handled it before may have stopped short of this. */
async function sweep(ports: RegistrationPorts, outcome: 'deleted' | 'stale', documentId: string) {
  await removeAllOutdated(ports, documentId);
  return { outcome, documentId };
}
