import type * as z from 'zod';
import { AppFailure } from './errors.ts';

/** Where the next page of a list starts, opaque to clients. */
export const encodeCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** @throws AppFailure invalid-request for a cursor that `encodeCursor` did not make of this shape */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.output<Schema> {
  const result = schema.safeParse(parse(cursor));
  if (result.success) return result.data;
  throw new AppFailure({ kind: 'invalid-request', issues: ['cursor: not one that this list gave'] });
}

/** @returns undefined for what is no JSON */
function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
