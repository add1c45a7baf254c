/**
 * dynalite in a thread of its own: its evaluation of items takes a core that the other servers then do not wait for, and
 * it throws what it does not expect out of callbacks, which must not end the whole cloud.
 */
import { parentPort, workerData } from 'node:worker_threads';
import dynalite from 'dynalite';

export interface DynaliteWorkerData {
  /** Absent: in memory. */
  readonly directory?: string;
  /** Where it listens: a socket's path, or a named pipe's. */
  readonly socketPath: string;
}
/** What the thread tells: `ready` once, `failed` for each error that dynalite did not handle. */
export type DynaliteWorkerMessage = { readonly type: 'ready' } | { readonly type: 'failed'; readonly text: string };

// The thread is started with this data by dynamodb.ts alone.
const { directory, socketPath } = workerData as DynaliteWorkerData;
const tell = (message: DynaliteWorkerMessage) => parentPort?.postMessage(message);

const server = dynalite({
  createTableMs: 0,
  deleteTableMs: 0,
  updateTableMs: 0,
  ...(directory === undefined ? {} : { path: directory }),
});
process.on('uncaughtException', error => tell({ type: 'failed', text: error.stack ?? error.message }));
parentPort?.once('message', () => {
  // With its port closed, the thread ends by itself.
  server.close(() => parentPort?.close());
  server.closeAllConnections();
});
server.listen(socketPath, () => tell({ type: 'ready' }));
