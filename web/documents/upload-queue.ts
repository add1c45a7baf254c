import type { DocumentRow, DocumentsApi } from '../api/documents.ts';
import type { FoundFile } from './folder-files.ts';
import type { sendFile } from './send-file.ts';
import { UPLOADS } from './stored-uploads.ts';

/**
 * `interrupted`: the page was closed before the file was sent, and the browser has let go of it. From `sent` on the bucket
 * has the file; what follows is what becomes of the document.
 */
export type UploadPhase =
  | 'waiting'
  | 'sending'
  | 'interrupted'
  | 'refused'
  | 'sent'
  | 'PROCESSING'
  | 'COMPLETED'
  | 'FAILED';

export interface UploadEntry {
  readonly id: number;
  readonly name: string;
  /** Ends with a slash, or is empty. */
  readonly folder: string;
  /** Bytes. */
  readonly size: number;
  readonly phase: UploadPhase;
  /** Of the bytes that are sent, or of the chunks that are embedded: 0 to 1. */
  readonly share: number;
  readonly documentId?: string;
  /** By which the document's newest upload is told to be this one. */
  readonly eTag?: string;
  /** Why it was not sent. */
  readonly error?: unknown;
  /** Why the document FAILED, for its owner. */
  readonly reason?: { readonly code: string; readonly message: string };
}

export interface UploadOptions {
  /** Ends with a slash, or is empty. */
  readonly folder: string;
  /** Undefined: everyone, or as the sidecar that is there says. */
  readonly allowedGroups?: readonly string[];
}

export interface UploadPorts {
  readonly documents: Pick<DocumentsApi, 'createUpload' | 'get' | 'list'>;
  readonly send: typeof sendFile;
  readonly store: Pick<Storage, 'getItem' | 'setItem'>;
}

const AT_A_TIME = 3;
const WATCH_MS = 1_500;
/** Documents that are asked for one by one when they are not among those that changed last. */
const ASKED_SINGLY = 5;
const SIDECAR = '.metadata.json';

const UNSENT: readonly UploadPhase[] = ['waiting', 'sending'];
const IN_PROGRESS: readonly UploadPhase[] = ['sent', 'PROCESSING'];
const isOver = ({ phase }: UploadEntry): boolean => !UNSENT.includes(phase) && !IN_PROGRESS.includes(phase);

/** Sends files, a few at a time, and tells what becomes of them; the list outlives a reload of the page. */
export class UploadQueue {
  #entries: readonly UploadEntry[];
  #files = new Map<number, { file: File; options: UploadOptions }>();
  #aborts = new Map<number, AbortController>();
  #lastId = 0;
  #watch: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #ports: UploadPorts;

  constructor(ports: UploadPorts) {
    this.#ports = ports;
    this.#entries = restored(ports.store.getItem(UPLOADS));
    this.#lastId = Math.max(0, ...this.#entries.map(({ id }) => id));
    this.#watchOn();
  }

  get entries(): readonly UploadEntry[] {
    return this.#entries;
  }

  /** Whether leaving the page would lose files. */
  get isSending(): boolean {
    return this.#entries.some(({ phase }) => UNSENT.includes(phase));
  }

  /** @returns how to stop listening */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Sidecars go first, so that no document is open to more than its sidecar says. */
  add(found: readonly FoundFile[], options: UploadOptions): void {
    const sorted = [...found].sort((a, b) => Number(isSidecar(b.file.name)) - Number(isSidecar(a.file.name)));
    const added = sorted.map(({ file, folder }): UploadEntry => {
      this.#lastId += 1;
      this.#files.set(this.#lastId, { file, options });
      const place = { name: file.name, folder: options.folder + folder, size: file.size };
      return { id: this.#lastId, ...place, phase: 'waiting', share: 0 };
    });
    this.#show([...added, ...this.#entries]);
    this.#sendOn();
  }

  /** Sends a file anew that was refused or not reached. */
  retry(id: number): void {
    if (!this.#files.has(id)) return;
    this.#set(id, { phase: 'waiting', share: 0, error: undefined });
    this.#sendOn();
  }

  /** Watches a document that is processed anew. */
  watchAgain(documentId: string): void {
    const entry = this.#entries.find(found => found.documentId === documentId && found.phase === 'FAILED');
    if (!entry) return;
    this.#set(entry.id, { phase: 'sent', share: 0, reason: undefined });
    this.#watchOn();
  }

  /** Takes it off the list; what is not sent yet will not be. */
  dismiss(id: number): void {
    this.#aborts.get(id)?.abort();
    this.#files.delete(id);
    this.#show(this.#entries.filter(entry => entry.id !== id));
    this.#sendOn();
  }

  dismissDone(): void {
    this.#show(this.#entries.filter(entry => !isOver(entry)));
  }

  #sendOn(): void {
    const waiting = this.#entries.filter(({ phase }) => phase === 'waiting');
    for (const { id } of waiting.slice(0, AT_A_TIME - this.#aborts.size)) void this.#send(id);
  }

  async #send(id: number): Promise<void> {
    const kept = this.#files.get(id);
    const entry = this.#entries.find(found => found.id === id);
    if (!kept || !entry) return;
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    this.#set(id, { phase: 'sending', share: 0 });
    try {
      const { allowedGroups } = kept.options;
      const form = await this.#ports.documents.createUpload({
        name: entry.name,
        ...(entry.folder && { folder: entry.folder }),
        ...(allowedGroups && !isSidecar(entry.name) && { allowedGroups: [...allowedGroups] }),
      });
      const eTag = await this.#ports.send(form, kept.file, share => this.#set(id, { share }), abort.signal);
      this.#files.delete(id);
      const phase = isSidecar(entry.name) ? 'COMPLETED' : 'sent';
      this.#set(id, { phase, share: 0, documentId: form.documentId, eTag });
    } catch (error) {
      if (!abort.signal.aborted) this.#set(id, { phase: 'refused', error });
    } finally {
      this.#aborts.delete(id);
      this.#sendOn();
      this.#watchOn();
    }
  }

  #watchOn(): void {
    if (this.#watch !== undefined || !this.#outstanding().length) return;
    this.#watch = setTimeout(async () => {
      try {
        await this.#look();
      } finally {
        this.#watch = undefined;
        this.#watchOn();
      }
    }, WATCH_MS);
  }

  /** One list for all; a document that is not on it is asked for by itself. */
  async #look(): Promise<void> {
    const { documents } = this.#ports;
    const newest = await documents.list({ limit: 100 }).catch(() => undefined); // the next look may reach it
    if (!newest) return;
    const found = new Map(newest.documents.map(document => [document.documentId, document]));
    const missing = this.#outstanding().filter(({ documentId }) => !found.has(documentId ?? ''));
    for (const { documentId = '' } of missing.slice(0, ASKED_SINGLY)) {
      // Before its event is handled, the API knows nothing of it.
      const document = await documents.get(documentId).catch(() => undefined);
      if (document) found.set(documentId, document);
    }
    for (const entry of this.#outstanding()) {
      const document = found.get(entry.documentId ?? '');
      if (document?.eTag === entry.eTag && document) this.#set(entry.id, becameOf(document));
    }
  }

  #outstanding = (): readonly UploadEntry[] => this.#entries.filter(({ phase }) => IN_PROGRESS.includes(phase));

  #set(id: number, change: { [Field in keyof UploadEntry]?: UploadEntry[Field] | undefined }): void {
    const next = this.#entries.map(entry => {
      if (entry.id !== id) return entry;
      const changed = Object.entries({ ...entry, ...change }).filter(([, value]) => value !== undefined);
      return Object.fromEntries(changed) as unknown as UploadEntry; // without what the change took away
    });
    this.#show(next);
  }

  #show(entries: readonly UploadEntry[]): void {
    this.#entries = entries;
    const stored = entries.slice(0, 200).map(({ error: _, ...entry }) => entry);
    this.#ports.store.setItem(UPLOADS, JSON.stringify(stored));
    for (const listener of this.#listeners) listener();
  }
}

const isSidecar = (name: string): boolean => name.endsWith(SIDECAR);

/** What a document's state means for its upload. */
function becameOf({ status, error }: DocumentRow) {
  if (status === 'PENDING') return { phase: 'sent' as const };
  return { phase: status, ...(status === 'FAILED' && { reason: error }) };
}

function restored(stored: string | null): UploadEntry[] {
  const entries: UploadEntry[] = stored ? JSON.parse(stored) : []; // written above
  return entries.map(entry => (UNSENT.includes(entry.phase) ? { ...entry, phase: 'interrupted', share: 0 } : entry));
}
