import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.ts';
import { reasonOf } from './client.ts';
import { CommandError } from './command-error.ts';
import { uploadShape } from './shapes.ts';

const ATTEMPTS = 4;

/**
 * Puts a file into the bucket by a form of the API, so that the key is all it takes, and checks that it arrived as it was
 * hashed.
 * @param key under `documents/`
 * @param md5 of the file, hex
 * @throws CommandError
 */
export async function upload(
  client: Client,
  path: string,
  key: string,
  md5: string,
  signal: AbortSignal,
): Promise<void> {
  const [, folder = '', name = ''] = /^documents\/(.*\/)?([^/]+)$/.exec(key) ?? [];
  for (let attempt = 1; ; attempt += 1) {
    const body = { name, ...(folder && { folder }) };
    const form = await client.get(uploadShape, { method: 'POST', path: 'documents', body });
    const { size } = await stat(path);
    if (size > form.maxBytes) throw new CommandError(`it is larger than ${form.maxBytes / 1_000_000} MB`);
    const reply = await post(form.upload, path, name, signal);
    if (typeof reply !== 'string') return checkArrival(reply, md5);
    if (attempt === ATTEMPTS) throw new CommandError(reply);
    await delay(250 * 2 ** attempt, undefined, { signal });
  }
}

/** @returns the reply, or why another try may succeed @throws CommandError when it will not */
async function post(
  { url, fields }: { url: string; fields: Readonly<Record<string, string>> },
  path: string,
  name: string,
  signal: AbortSignal,
): Promise<Response | string> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set('file', await openAsBlob(path), name);
  try {
    const response = await fetch(url, { method: 'POST', body: form, signal });
    const text = await response.text();
    if (response.ok) return response;
    const said = `S3 answered ${response.status}: ${/<Message>([^<]*)/.exec(text)?.[1] ?? text.slice(0, 200)}`;
    if (response.status >= 500 || response.status === 429) return said;
    throw new CommandError(said);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandError) throw error;
    return `S3 does not answer: ${reasonOf(error)}`;
  }
}

function checkArrival(response: Response, md5: string): void {
  const eTag = response.headers.get('etag')?.replaceAll('"', '');
  // With another encryption of the bucket an ETag is no MD5; then S3's own checks are all there is.
  if (eTag === undefined || !/^[0-9a-f]{32}$/.test(eTag) || eTag === md5) return;
  throw new CommandError('it changed while it was uploaded: ingest it again');
}
