import type { Client } from './client.ts';
import { hasEnded, listDocuments } from './documents.ts';
import type { Document } from './shapes.ts';

/** Functions log more than one line about a document: the list is read once for what comes together. */
const GATHER_MS = 500;

export interface DocumentWatch {
  /** Something has happened to some document. */
  touch(): void;
  close(): void;
}

/**
 * Reports each upload that ends COMPLETED or FAILED from now on.
 * @param onFailure told when the list could not be read
 */
export function watchDocuments(
  client: Client,
  onEnded: (document: Document) => void,
  onFailure: (error: unknown) => void,
): DocumentWatch {
  const reported = new Map<string, string>();
  let since = new Date().toISOString();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const report = (document: Document) => {
    const state = `${document.version} ${document.status}`;
    if (!hasEnded(document) || reported.get(document.documentId) === state) return;
    reported.set(document.documentId, state);
    onEnded(document);
  };
  const readChanges = async () => {
    const changed: Document[] = [];
    for await (const document of listDocuments(client)) {
      if (document.updatedAt < since) break;
      changed.push(document);
    }
    since = changed[0]?.updatedAt ?? since;
    if (!isClosed) for (const document of changed.reverse()) report(document);
  };
  const refresh = async () => {
    try {
      await readChanges();
    } catch (error) {
      if (!isClosed) onFailure(error);
    }
  };

  return {
    touch() {
      if (isClosed || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        void refresh();
      }, GATHER_MS);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
