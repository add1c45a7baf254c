import { z } from 'zod';
import type { Endpoints } from './endpoints.ts';

const documentSummary = z.object({
  documentId: z.string(),
  key: z.string(),
  status: z.string(),
  version: z.int(),
  chunkCount: z.int(),
  error: z.object({ message: z.string() }).optional(),
  updatedAt: z.string(),
});
export type DocumentSummary = z.infer<typeof documentSummary>;
const documentList = z.object({ documents: z.array(documentSummary), cursor: z.string().optional() });
const uploadForm = z.object({ upload: z.object({ url: z.string(), fields: z.record(z.string(), z.string()) }) });

/** Whether the newest upload of the document has come to its end. */
export const hasEnded = ({ status }: DocumentSummary): boolean => status === 'COMPLETED' || status === 'FAILED';

/** The running stack as any other program uses it: through its REST API, with its key. */
export class ApiClient {
  readonly #endpoints: Endpoints;
  /** Requests made here whose line in the access log has not come yet, by method and path. */
  readonly #expected = new Map<string, number>();

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints;
  }

  /** All documents, changed last first; pages are asked for as they are read. */
  async *documents(): AsyncGenerator<DocumentSummary> {
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }) });
      const page = documentList.parse(await this.#request('GET', 'documents', query));
      yield* page.documents;
      cursor = page.cursor;
    } while (cursor);
  }

  /** @param key of the object, below `documents/` */
  async upload(key: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const [, folder = '', name = ''] = /^documents\/(.*\/)?([^/]+)$/.exec(key) ?? [];
    const body = JSON.stringify({ name, ...(folder && { folder }) });
    const { upload } = uploadForm.parse(await this.#request('POST', 'documents', new URLSearchParams(), body));
    const form = new FormData();
    for (const [field, value] of Object.entries(upload.fields)) form.set(field, value);
    form.set('file', new Blob([content]), name);
    const response = await fetch(upload.url, { method: 'POST', body: form });
    if (!response.ok)
      throw new Error(`S3 answered ${response.status} to the upload of ${key}: ${await response.text()}`);
  }

  /** Whether a line of the access log is of a request made here; each is, once. */
  isOwn(accessLine: string): boolean {
    const [method, path] = accessLine.split(' ', 2);
    const expected = this.#expected.get(`${method} ${path}`) ?? 0;
    if (expected === 0) return false;
    this.#expected.set(`${method} ${path}`, expected - 1);
    return true;
  }

  async #request(method: 'GET' | 'POST', path: string, query: URLSearchParams, body?: string): Promise<unknown> {
    const logged = `${method} /${path}`;
    this.#expected.set(logged, (this.#expected.get(logged) ?? 0) + 1);
    const response = await fetch(`${this.#endpoints.restUrl}${path}?${query}`, {
      method,
      headers: { 'x-api-key': this.#endpoints.apiKey, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body }),
    });
    if (!response.ok) throw new Error(`${logged} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
