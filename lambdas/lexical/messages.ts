import * as z from 'zod';

/** The statistics queue: a tenant's documents changed. */
export const statisticsMessage = z.object({
  tenant: z.string().min(1),
  /** Milliseconds since the epoch. */
  changedAt: z.number(),
});
export type StatisticsMessage = z.infer<typeof statisticsMessage>;
