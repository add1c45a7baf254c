import { useEffect, useSyncExternalStore } from 'react';
import type { ApiClient } from '../api/client.ts';
import { documentsApi } from '../api/documents.ts';
import { useApi } from '../services.tsx';
import { sendFile } from './send-file.ts';
import { type UploadEntry, UploadQueue } from './upload-queue.ts';

const queues = new WeakMap<ApiClient, UploadQueue>();

/** One a login, so that files are sent on while another view is looked at. */
function queueOf(api: ApiClient): UploadQueue {
  const queue =
    queues.get(api) ?? new UploadQueue({ documents: documentsApi(api), send: sendFile, store: sessionStorage });
  queues.set(api, queue);
  return queue;
}

export function useUploads(): { readonly queue: UploadQueue; readonly entries: readonly UploadEntry[] } {
  const queue = queueOf(useApi());
  const entries = useSyncExternalStore(queue.subscribe, () => queue.entries);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (queue.isSending) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [queue]);
  return { queue, entries };
}
