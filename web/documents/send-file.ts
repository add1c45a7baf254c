import type { UploadForm } from '../api/documents.ts';
import { Unreachable } from '../api/problems.ts';

/** The bucket took the form, but not the file: too large, or the form is too old. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused';
  readonly status: number;
  constructor(status: number) {
    super(`The bucket answered ${status}`);
    this.status = status;
  }
}

/**
 * Posts the file straight to the bucket. `fetch` tells no progress of what it sends, so this is an XMLHttpRequest.
 * @param onProgress is told the share that is sent, 0 to 1
 * @returns the object's eTag
 * @throws Unreachable, UploadRefused, or an AbortError
 */
export function sendFile(
  { upload: { url, fields } }: Pick<UploadForm, 'upload'>,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = new XMLHttpRequest();
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', file); // the last field: the bucket reads none behind it
  request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
  request.onload = () => {
    if (request.status >= 200 && request.status < 300) {
      resolve((request.getResponseHeader('etag') ?? '').replaceAll('"', ''));
    } else reject(new UploadRefused(request.status));
  };
  request.onerror = () => reject(new Unreachable());
  request.onabort = () => reject(signal.reason);
  const abort = () => request.abort();
  signal.addEventListener('abort', abort, { once: true });
  request.onloadend = () => signal.removeEventListener('abort', abort);
  request.open('POST', url);
  request.send(form);
  return promise;
}
