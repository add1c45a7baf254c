import * as z from 'zod';
import { processingFailed } from './failures.ts';
import {
  embedMessage,
  fileMessage,
  metadataMessage,
  processMessage,
  rebuildMessage,
  recognitionMessage,
  removeMessage,
} from './messages.ts';
import { isCurrent, removeIfOutdated } from './outdated.ts';
import type { RegistrationPorts } from './ports.ts';
import { registerEvent } from './registration.ts';
import { type ObjectEvent, parseS3Event } from './s3-event.ts';

export type DeadLetter =
  | { readonly kind: 'ingestion'; readonly documentId: string; readonly version: number }
  | { readonly kind: 'filing'; readonly documentId: string; readonly version: number }
  | { readonly kind: 'metadata'; readonly documentId: string }
  | { readonly kind: 'removal'; readonly documentId: string; readonly version: number }
  | { readonly kind: 'events'; readonly events: readonly ObjectEvent[] };

export interface DeadLetterOutcome {
  /** `removal-failed`: the version can no longer be cited, but its chunks or vectors are still stored. */
  readonly outcome:
    | 'failed'
    | 'completed-meanwhile'
    | 'stale'
    | 'deleted'
    | 'sidecar-recorded'
    | 'sidecar-alone'
    | 'removal-failed'
    /** The object is still in the drop box. */
    | 'filing-failed'
    /** Its vectors do not carry its groups and attributes: who may read it is still decided by its record. */
    | 'metadata-failed';
  readonly documentId: string;
  readonly version?: number;
}

const ingestion = z
  .union([processMessage, embedMessage, rebuildMessage, recognitionMessage])
  .transform(({ documentId, version }) => ({ kind: 'ingestion' as const, documentId, version }));
const metadata = metadataMessage.transform(({ documentId }) => ({ kind: 'metadata' as const, documentId }));
const filing = fileMessage.transform(({ documentId, version }) => ({ kind: 'filing' as const, documentId, version }));
const removal = removeMessage.transform(({ documentId, version }) => ({
  kind: 'removal' as const,
  documentId,
  version,
}));

/** Tells by its shape from which queue a message came. @throws Error when it is none of ours */
export function parseDeadLetter(body: string): DeadLetter {
  const letter = z.union([filing, ingestion, metadata, removal]).safeParse(JSON.parse(body)).data;
  return letter ?? { kind: 'events', events: parseS3Event(body) };
}

/** What becomes of a message that no attempt could handle: its document says so, and can be retried. */
export async function buryDeadLetter(ports: RegistrationPorts, letter: DeadLetter): Promise<DeadLetterOutcome[]> {
  if (letter.kind === 'ingestion') return [await failVersion(ports, letter)];
  if (letter.kind === 'metadata') return [{ outcome: 'metadata-failed', documentId: letter.documentId }];
  if (letter.kind === 'filing') {
    const { documentId, version } = letter;
    return [{ outcome: 'filing-failed', documentId, version }];
  }
  if (letter.kind === 'removal') {
    const { documentId, version } = letter;
    return [{ outcome: 'removal-failed', documentId, version }];
  }
  const outcomes: DeadLetterOutcome[] = [];
  for (const event of letter.events) outcomes.push(await buryEvent(ports, event)); // events of one key keep their order
  return outcomes;
}

async function failVersion(
  ports: RegistrationPorts,
  { documentId, version }: { readonly documentId: string; readonly version: number },
): Promise<DeadLetterOutcome> {
  const stored = await ports.documents.getVersion(documentId, version);
  await ports.documents.fail(documentId, version, stored?.error ?? processingFailed(documentId));
  const head = await ports.documents.getHead(documentId);
  if (isCurrent(head, version)) {
    const { metadataRevision } = head;
    // What the dead message stored may carry the metadata of before a change.
    if (metadataRevision) await ports.metadataQueue.send([{ documentId, metadataRevision }]);
    return { outcome: head.status === 'FAILED' ? 'failed' : 'completed-meanwhile', documentId, version };
  }
  // Superseded or deleted: the dead message may have left chunks or vectors behind.
  await removeIfOutdated(ports, { documentId, version });
  return { outcome: 'stale', documentId, version };
}

/** An upload that was never sent on is registered and FAILED, so that it can be retried; a deletion is carried out. */
async function buryEvent(ports: RegistrationPorts, event: ObjectEvent): Promise<DeadLetterOutcome> {
  const registered = await registerEvent(ports, event);
  if (registered.outcome !== 'uploaded') return registered;
  const { documentId, version, status } = registered;
  if (status !== 'PENDING') return { outcome: 'completed-meanwhile', documentId, version };
  return failVersion(ports, { documentId, version });
}
