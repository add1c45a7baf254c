import { comparableSequencer, type DocumentStatus, documentIdOf, filedObject, type Upload } from '../document.ts';
import { isDropBoxKey } from './document-key.ts';
import { objectGone } from './failures.ts';
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
    case 'filed-removed':
      return registerFiledRemoval(ports, event);
    case 'sidecar':
      return registerSidecar(ports, event);
  }
  const { tenant, key, sequencer } = event.kind === 'created' ? event.upload : event;
  if (isDropBoxKey(key)) return registerDropped(ports, { tenant, key, sequencer });
  switch (event.kind) {
    case 'created':
      return registerUpload(ports, event.upload);
    case 'deleted':
      return registerDeletion(ports, event);
    case 'version-deleted':
      return registerPresent(ports, event);
  }
}

/**
 * For the drop box every event is a hint, and the bucket decides: our own deletion, after an upload was filed, looks like
 * a person's. What is there is the newest upload. Where nothing is, the newest upload was filed, or it was withdrawn: then an
 * older one that was filed goes on answering, as it still lies there, and without one the document ends.
 */
async function registerDropped(ports: RegistrationPorts, event: KeyEvent): Promise<RegisteredEvent> {
  const { documents } = ports;
  const documentId = documentIdOf(event.tenant, event.key);
  if (await ports.bucket.head(event.key)) return registerPresent(ports, event);
  const head = await documents.getHead(documentId);
  if (!head || head.status === 'DELETED' || filedObject(head, head.newestVersion))
    return { outcome: 'stale', documentId };
  if (head.sequencer >= comparableSequencer(event.sequencer)) return { outcome: 'stale', documentId };
  if (head.liveVersion === undefined || head.liveVersion === head.newestVersion) {
    return registerDeletion(ports, event, { asPresent: true });
  }
  await documents.fail(documentId, head.newestVersion, objectGone);
  return { outcome: 'stale', documentId };
}

/** The document ends if the object that was filed for its newest upload is what is gone, and nothing newer is under way. */
async function registerFiledRemoval(
  ports: RegistrationPorts,
  { tenant, key }: { readonly tenant: string; readonly key: string },
): Promise<RegisteredEvent> {
  const documentId = documentIdOf(tenant, key);
  const head = await ports.documents.getHead(documentId);
  const filed = head && head.status !== 'DELETED' ? filedObject(head, head.newestVersion) : undefined;
  if (!head || !filed || (await ports.bucket.head(filed.key)) || (await ports.bucket.head(key))) {
    return { outcome: 'stale', documentId };
  }
  if (head.liveVersion !== undefined && head.liveVersion !== head.newestVersion)
    return { outcome: 'stale', documentId };
  const isGone = await ports.documents.registerGone(head);
  return sweep(ports, isGone ? 'deleted' : 'stale', documentId);
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
