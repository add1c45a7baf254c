import type { Client } from './client.ts';
import { type Document, documentShape } from './shapes.ts';

/** All documents that `query` is about, changed last first. */
export const listDocuments = (
  client: Client,
  query: Readonly<Record<string, string | undefined>> = {},
): AsyncGenerator<Document> => client.list('documents', documentShape, { path: 'documents', query });

/** Whether the newest upload of the document has come to its end. */
export const hasEnded = ({ status }: Pick<Document, 'status'>): boolean =>
  status === 'COMPLETED' || status === 'FAILED';
