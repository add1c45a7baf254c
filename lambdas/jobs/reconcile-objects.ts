import pMap from 'p-map';
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { documentIdOf } from '../document.ts';
import { foldersOf, tenantOfKey } from '../ingest/document-key.ts';
import type { Job } from '../job.ts';
import type { ListedObject } from '../ports.ts';
import { type Examined, type JobPorts, type JobSettings, type JobStep, stepOf } from './ports.ts';
import { processFound, resume } from './process-found.ts';

const PAGE = 500;
const CONCURRENCY = 16;

/** Which of the folders is listed, and after which key the list goes on. */
const folderCursor = z.strictObject({ folder: z.int().min(0), after: z.string().optional() });

/**
 * Reconcile, from the bucket to the registry: a page of objects; one that is not registered, or another than the newest
 * upload of its document, is registered as its lost event would have done.
 */
export async function reconcileObjects(ports: JobPorts, settings: JobSettings, job: Job): Promise<JobStep> {
  const folders = foldersOf(job.tenant);
  const { folder, after } = job.cursor === undefined ? { folder: 0 } : decodeCursor(folderCursor, job.cursor);
  const page = await ports.bucket.list(folders[folder] ?? '', { limit: PAGE, cursor: after });
  const reconcile = (object: ListedObject) => reconcileObject(ports, settings, job, object);
  const examined = await pMap(page.objects, reconcile, { concurrency: CONCURRENCY });
  const next = page.cursor === undefined ? { folder: folder + 1 } : { folder, after: page.cursor };
  return stepOf(examined, next.folder < folders.length ? encodeCursor(next) : undefined);
}

async function reconcileObject(
  ports: JobPorts,
  settings: JobSettings,
  job: Job,
  { key, eTag, size }: ListedObject,
): Promise<Examined> {
  const tenant = tenantOfKey(key);
  if (tenant === undefined) return {};
  const documentId = documentIdOf(tenant, key);
  const head = await ports.documents.getHead(documentId);
  if (head?.jobId === job.jobId) {
    await resume(ports, head);
    return { started: true };
  }
  const newest =
    head && head.status !== 'DELETED' && (await ports.documents.getVersion(documentId, head.newestVersion));
  if (newest && newest.eTag === eTag && newest.size === size) return {};
  if (!(await processFound(ports, settings, job, { tenant, key, head }))) return {};
  const kind = head && head.status !== 'DELETED' ? 'updated' : 'registered';
  return { started: true, mend: { kind, tenant, documentId, key } };
}
