import * as z from 'zod';
import { formatOptions } from './parse/format-options.ts';

/** What passes between the function and the process that reads files for it. The file's bytes go by standard input. */

export const readRequest = z.strictObject({
  type: z.literal('read'),
  key: z.string(),
  /** Bytes that follow. */
  size: z.int().min(1),
  chunking: z.strictObject({ targetTokens: z.number(), overlapTokens: z.number() }),
  formats: formatOptions.optional(),
});
export type ReadRequest = z.infer<typeof readRequest>;

/** The chunks handed over last are stored: the next ones may come. */
export const storedNotice = z.strictObject({ type: z.literal('stored') });

const chunk = z.strictObject({
  index: z.int().min(0),
  text: z.string(),
  context: z.string().optional(),
  start: z.int().min(0),
  end: z.int().min(0),
  tokenCount: z.int().min(0),
  textHash: z.string(),
  place: z.strictObject({
    page: z.number().optional(),
    sheet: z.string().optional(),
    slide: z.number().optional(),
    section: z.string().optional(),
  }),
  sections: z
    .array(z.object({ start: z.number(), section: z.string() }))
    .readonly()
    .optional(),
  suspicious: z.array(z.string()).readonly().optional(),
});

/** The process has read hostile bytes: what it says is checked. */
export const readingMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('chunks'), chunks: z.array(chunk) }),
  z.strictObject({ type: z.literal('read'), title: z.string().optional(), chunkCount: z.int().min(0) }),
  z.strictObject({ type: z.literal('unreadable'), code: z.string(), message: z.string() }),
  /** A fault of ours, not of the file. */
  z.strictObject({ type: z.literal('failed'), error: z.string() }),
]);
export type ReadingMessage = z.infer<typeof readingMessage>;
