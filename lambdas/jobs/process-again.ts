import pMap from 'p-map';
import { type DocumentHead, documentIdOf } from '../document.ts';
import { foldersOf, tenantOfKey } from '../ingest/document-key.ts';
import type { Job } from '../job.ts';
import { type Examined, type JobPorts, type JobSettings, type JobStep, stepOf } from './ports.ts';
import { processFound, resume } from './process-found.ts';

/** Objects or documents of one step, and how many of them are looked at side by side. */
const PAGE = 200;
const CONCURRENCY = 16;

/** BATCH: a page of the objects under the job's prefix, each processed again. */
export async function processObjectsAgain(ports: JobPorts, settings: JobSettings, job: Job): Promise<JobStep> {
  const prefix = job.scope.prefix ?? foldersOf(job.tenant)[0] ?? '';
  const { objects, cursor } = await ports.bucket.list(prefix, { limit: PAGE, cursor: job.cursor });
  const again = async (key: string): Promise<Examined> => {
    const tenant = tenantOfKey(key);
    if (tenant === undefined || tenant !== job.tenant) return {};
    return processAgain(ports, settings, job, { tenant, key });
  };
  return stepOf(await pMap(objects, ({ key }) => again(key), { concurrency: CONCURRENCY }), cursor);
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
