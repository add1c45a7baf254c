import * as z from 'zod';

/**
 * A turn was stored: its conversation may want a title, or a summary of what was said. A pointer, as all messages: handled
 * twice, it does no harm.
 */
export const upkeepMessage = z.strictObject({
  conversationId: z.string().min(1),
  turnId: z.string().min(1),
  /** Whose conversation it is, and whom it is charged to. */
  reader: z.strictObject({
    tenant: z.string().min(1),
    userId: z.string().min(1),
    apiKeyId: z.string().min(1).exactOptional(),
  }),
});
export type UpkeepMessage = z.infer<typeof upkeepMessage>;
