import pMap from 'p-map';
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { type DocumentHead, documentIdOf, filedObject } from '../document.ts';
import { dropBoxKeyOf, filingOf, foldersOf, isDropBoxKey, tenantOfKey } from '../ingest/document-key.ts';
import type { Job } from '../job.ts';
import { type Examined, type JobPorts, type JobSettings, type JobStep, stepOf } from './ports.ts';
import { processFound, resume } from './process-found.ts';

/** Objects or documents of one step, and how many of them are looked at side by side. */
const PAGE = 200;
const CONCURRENCY = 16;

/** BATCH: a page of the objects under the job's prefix, each processed again; with the drop box, also what was filed. */
export async function processObjectsAgain(ports: JobPorts, settings: JobSettings, job: Job): Promise<JobStep> {
  const prefixes = prefixesOf(job.scope.prefix ?? foldersOf(job.tenant)[0] ?? '');
  const { at, after } = job.cursor === undefined ? { at: 0 } : decodeCursor(prefixCursor, job.cursor);
  const page = await ports.bucket.list(prefixes[at] ?? '', { limit: PAGE, cursor: after });
  const again = async (objectKey: string): Promise<Examined> => {
    const key = dropBoxKeyOf(objectKey) ?? objectKey;
    const tenant = tenantOfKey(key);
    if (tenant === undefined || tenant !== job.tenant) return {};
    if (key !== objectKey && !(await isFiledAs(ports, { tenant, key }, objectKey))) return {};
    return processAgain(ports, settings, job, { tenant, key });
  };
  const examined = await pMap(page.objects, ({ key }) => again(key), { concurrency: CONCURRENCY });
  const next = page.cursor === undefined ? { at: at + 1 } : { at, after: page.cursor };
  return stepOf(examined, next.at < prefixes.length ? encodeCursor(next) : undefined);
}

/** Which of the prefixes is listed, and after which key the list goes on. */
const prefixCursor = z.strictObject({ at: z.int().min(0), after: z.string().optional() });

function prefixesOf(prefix: string): readonly string[] {
  if (!isDropBoxKey(prefix)) return [prefix];
  const { processed, failed } = filingOf(prefix);
  return [prefix, processed, failed];
}

/** Whether the object is the newest upload of the document, filed there; one that is in the drop box still comes as such. */
async function isFiledAs(
  { documents, bucket }: JobPorts,
  { tenant, key }: { readonly tenant: string; readonly key: string },
  filedKey: string,
): Promise<boolean> {
  const head = await documents.getHead(documentIdOf(tenant, key));
  if (!head || head.status === 'DELETED' || filedObject(head, head.newestVersion)?.key !== filedKey) return false;
  return (await bucket.head(key)) === undefined;
}

/** REINDEX: a page of the registry; each document with a live version is processed again. */
export async function reindexDocuments(ports: JobPorts, settings: JobSettings, job: Job): Promise<JobStep> {
  const { heads, cursor } = await ports.documents.scanHeads({ limit: PAGE, cursor: job.cursor });
  const again = async (head: DocumentHead): Promise<Examined> => {
    if (head.jobId !== job.jobId && !(await isToReindex(ports, settings, job, head))) return {};
    return processAgain(ports, settings, job, head);
  };
  return stepOf(await pMap(heads, again, { concurrency: CONCURRENCY }), cursor);
}

async function isToReindex({ documents }: JobPorts, settings: JobSettings, job: Job, head: DocumentHead) {
  const { documentId, tenant, liveVersion } = head;
  if (tenant !== job.tenant || liveVersion === undefined) return false;
  if (job.scope.models !== 'others') return true;
  const live = await documents.getVersion(documentId, liveVersion);
  return live?.embeddingModel !== settings.embeddingModelId;
}

async function processAgain(
  ports: JobPorts,
  settings: JobSettings,
  job: Job,
  { tenant, key }: { readonly tenant: string; readonly key: string },
): Promise<Examined> {
  const head = await ports.documents.getHead(documentIdOf(tenant, key));
  if (head?.jobId !== job.jobId) return { started: await processFound(ports, settings, job, { tenant, key, head }) };
  await resume(ports, head);
  return { started: true };
}
