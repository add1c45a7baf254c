import type * as z from 'zod';
import type {
  chunkListSchema,
  documentDetailSchema,
  documentLinkSchema,
  documentListSchema,
  metadataSchema,
  putMetadataSchema,
  uploadFormSchema,
} from '../../lambdas/api/schemas.ts';
import type { ApiClient } from './client.ts';

export type DocumentPage = z.infer<typeof documentListSchema>;
export type DocumentRow = DocumentPage['documents'][number];
export type DocumentDetail = z.infer<typeof documentDetailSchema>;
export type DocumentStatus = DocumentRow['status'];
export type ChunkPage = z.infer<typeof chunkListSchema>;
export type Metadata = z.infer<typeof metadataSchema>;
export type NewMetadata = z.input<typeof putMetadataSchema>;
export type UploadForm = z.infer<typeof uploadFormSchema>;

/** Narrows the list; what is undefined does not. */
export interface DocumentFilter {
  readonly status?: DocumentStatus | undefined;
  /** What the key starts with. */
  readonly prefix?: string | undefined;
  /** An extension without the dot. */
  readonly format?: string | undefined;
}

interface Page {
  readonly limit?: number;
  readonly cursor?: string | undefined;
}

/** The API's calls on documents; see `ApiClient` for what they throw. */
export const documentsApi = (api: ApiClient) => ({
  list: (query: DocumentFilter & Page, signal?: AbortSignal) =>
    api.json<DocumentPage>('documents', { query: { ...query }, ...(signal && { signal }) }),
  get: (documentId: string, signal?: AbortSignal) =>
    api.json<DocumentDetail>(`documents/${documentId}`, signal && { signal }),
  chunks: (documentId: string, query: Page, signal?: AbortSignal) =>
    api.json<ChunkPage>(`documents/${documentId}/chunks`, { query: { ...query }, ...(signal && { signal }) }),
  link: (documentId: string) => api.json<z.infer<typeof documentLinkSchema>>(`documents/${documentId}/content`),
  remove: (documentId: string) => api.send(`documents/${documentId}`, { method: 'DELETE' }),
  retry: (documentId: string) => api.send(`documents/${documentId}/retry`, { method: 'POST' }),
  metadata: (documentId: string, signal?: AbortSignal) =>
    api.json<Metadata>(`documents/${documentId}/metadata`, signal && { signal }),
  putMetadata: (documentId: string, body: NewMetadata) =>
    api.json<Metadata>(`documents/${documentId}/metadata`, { method: 'PUT', body }),
  createUpload: (body: { name: string; folder?: string } & Pick<NewMetadata, 'attributes' | 'allowedGroups'>) =>
    api.json<UploadForm>('documents', { method: 'POST', body }),
});

export type DocumentsApi = ReturnType<typeof documentsApi>;
