import { useEffect, useSyncExternalStore } from 'react';
import type { ApiClient } from '../api/client.ts';
import { documentsApi } from '../api/documents.ts';
import { useServices } from '../services.tsx';
import { sendFile } from './send-file.ts';
import { storeOf } from './stored-uploads.ts';
import { type UploadEntry, UploadQueue } from './upload-queue.ts';

const queues = new WeakMap<ApiClient, Map<string, UploadQueue>>();

/** One a login, so that files are sent on while another view is looked at. */
function queueOf(api: ApiClient, userId: string): UploadQueue {
  const own = queues.get(api) ?? new Map<string, UploadQueue>();
  queues.set(api, own);
  const queue =
    own.get(userId) ?? new UploadQueue({ documents: documentsApi(api), send: sendFile, store: storeOf(userId) });
  own.set(userId, queue);
  return queue;
}

export function useUploads(): { readonly queue: UploadQueue; readonly entries: readonly UploadEntry[] } {
  const { api, me } = useServices();
  const queue = queueOf(api, me?.userId ?? ''); // nobody adds files before it is known who they are
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
