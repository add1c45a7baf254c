import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Raised with every change of the stand-in's embeddings, or of what vectors carry: what was indexed before is not found
 * any more, or not well.
 */
const FORM = 2;
/** In the state folder; folders older than it have none. */
export const FORM_FILE = 'index-form.json';
const record = z.object({ form: z.int() });

export const EARLIER_FORM = `  ! The documents in this folder were indexed by an earlier version: questions may not find them, or find them worse.
    --reset starts clean (uploads and conversations of this folder are lost; keep yours to upload them again).`;

/** @returns whether the folder was filled when vectors had another form; to be asked before anything is written to it */
export async function isOfEarlierForm(state: string): Promise<boolean> {
  if (!existsSync(join(state, 'state.db'))) return false;
  const file = join(state, FORM_FILE);
  if (!existsSync(file)) return true;
  return record.parse(JSON.parse(await readFile(file, 'utf8'))).form !== FORM;
}

/** Says of a folder that what is indexed in it has the present form. */
export const markForm = (state: string): Promise<void> =>
  writeFile(join(state, FORM_FILE), `${JSON.stringify({ form: FORM })}\n`);
