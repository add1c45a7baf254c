import type * as z from 'zod';
import type {
  createJobSchema,
  createKeySchema,
  jobListSchema,
  jobSchema,
  keyListSchema,
  newKeySchema,
  redriveSchema,
} from '../../lambdas/api/schemas.ts';
import type { budgetReportSchema, usageOverTimeSchema } from '../../lambdas/api/usage-schemas.ts';
import type { ApiClient } from './client.ts';

export type UsageReport = z.infer<typeof usageOverTimeSchema>;
export type BudgetReport = z.infer<typeof budgetReportSchema>;
export type PeriodUsage = BudgetReport['tenant']['day'];
export type Job = z.infer<typeof jobSchema>;
export type NewJob = z.input<typeof createJobSchema>;
export type Redrive = z.infer<typeof redriveSchema>;
export type ApiKey = z.infer<typeof keyListSchema>['keys'][number];
export type NewApiKey = z.infer<typeof newKeySchema>;

/** What administrators ask of the API; see `ApiClient` for what it throws. */
export const administrationApi = (api: ApiClient) => ({
  usage: (days: { from: string; to: string }, signal: AbortSignal) =>
    api.json<UsageReport>('usage/report', { query: { ...days }, signal }),
  budgets: (signal: AbortSignal) => api.json<BudgetReport>('budgets', { signal }),
  jobs: (query: { limit: number; cursor?: string | undefined }, signal?: AbortSignal) =>
    api.json<z.infer<typeof jobListSchema>>('jobs', { query: { ...query }, ...(signal && { signal }) }),
  job: (jobId: string, signal?: AbortSignal) => api.json<Job>(`jobs/${jobId}`, signal && { signal }),
  startJob: (job: NewJob) => api.json<Job>('jobs', { method: 'POST', body: job }),
  cancelJob: (jobId: string) => api.json<Job>(`jobs/${jobId}/cancel`, { method: 'POST' }),
  retryFailed: (code?: string) =>
    api.json<Job>('documents/retry', { method: 'POST', body: code === undefined ? {} : { code } }),
  redrive: () => api.json<Redrive>('dead-letters/redrive', { method: 'POST' }),
  keys: (query: { limit: number; cursor?: string | undefined }, signal?: AbortSignal) =>
    api.json<z.infer<typeof keyListSchema>>('keys', { query: { ...query }, ...(signal && { signal }) }),
  createKey: (key: z.input<typeof createKeySchema>) => api.json<NewApiKey>('keys', { method: 'POST', body: key }),
  revokeKey: (keyId: string) => api.send(`keys/${encodeURIComponent(keyId)}`, { method: 'DELETE' }),
});

export type AdministrationApi = ReturnType<typeof administrationApi>;
