import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import * as z from 'zod';

/** Goes on with a job. A pointer, as all messages: handled twice, it does no harm. */
export const jobMessage = z.strictObject({ jobId: z.string().min(1) });
export type JobMessage = z.infer<typeof jobMessage>;

/** What EventBridge sends when a rule's time has come; it may send it more than once. */
export const scheduledEvent = z.object({
  source: z.literal('aws.events'),
  'detail-type': z.literal('Scheduled Event'),
  id: z.string().min(1),
  time: z.iso.datetime(),
});
export type ScheduledEvent = z.infer<typeof scheduledEvent>;

/** A new job's id: sorts by time. */
export const newJobId = (): string => ulid();

/** The same for the same event: of the form of a ULID, its random part made of the event's id. */
export function jobIdOf({ id, time }: ScheduledEvent): string {
  const hash = createHash('sha256').update(id).digest();
  const digits = Array.from(hash.subarray(0, 16), byte => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte % 32] ?? '0');
  return ulid(Date.parse(time)).slice(0, 10) + digits.join('');
}
