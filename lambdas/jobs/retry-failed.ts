import pMap from 'p-map';
import type { DocumentHead } from '../document.ts';
import type { Job } from '../job.ts';
import { type Examined, type JobPorts, type JobStep, stepOf } from './ports.ts';

const PAGE = 100;
const CONCURRENCY = 16;

/** RETRY: a page of the tenant's FAILED documents, those with a code of the job tried once more. */
export async function retryFailed({ documents, processQueue }: JobPorts, job: Job): Promise<JobStep> {
  const { jobId, tenant, scope, cursor } = job;
  if (tenant === undefined) throw new Error(`Job ${jobId} says not whose documents to retry`);
  // One that fails again is updated later than where this list goes on, so each comes once.
  const page = await documents.listHeads(tenant, { status: 'FAILED', limit: PAGE, cursor });
  const retry = async (head: DocumentHead): Promise<Examined> => {
    const { documentId, newestVersion: version, error } = head;
    if (scope.codes && !scope.codes.includes(error?.code ?? '')) return {};
    if (!(await documents.reopen(documentId, version, jobId))) return {};
    await processQueue.send([{ documentId, version }]);
    return { started: true };
  };
  return stepOf(await pMap(page.heads, retry, { concurrency: CONCURRENCY }), page.cursor);
}
