import type { Reader } from './conversation.ts';
import type { DocumentHead } from './document.ts';
import { DEFAULT_TENANT } from './ingest/document-key.ts';

/** What of a request says who sent it: set by API Gateway after it verified the key, so a client cannot choose it. */
export interface VerifiedRequest {
  readonly requestContext: { readonly identity: { readonly apiKeyId: string | null } };
}

/**
 * Who asks: the one place where it is decided. Only what API Gateway verified counts, here the id of the API key; headers,
 * query and body are the client's own words and are not looked at.
 * @throws Error when the route was deployed without requiring a key: nobody may then be answered as somebody
 */
export function readerOf(request: VerifiedRequest): Reader {
  const { apiKeyId } = request.requestContext.identity;
  if (!apiKeyId) throw new Error('The request carries no verified API key id: this route must require an API key.');
  return { tenant: DEFAULT_TENANT, userId: apiKeyId, groups: [], apiKeyId, contributor: true };
}

/**
 * Whether the reader may know that the document is there, in what state, and under what key: whoever may read it, and
 * whoever looks after documents, so that one that nobody can read for a fault in its sidecar does not vanish.
 */
export const mayManage = (reader: Reader, head: DocumentHead): boolean =>
  mayRead(reader, head) || (reader.contributor === true && isOfTenant(reader, head));

/** Whether the document may be read at all: of the reader's tenant, not deleted, and open to one of the reader's groups. */
export function mayRead(reader: Reader, head: DocumentHead): boolean {
  return isOfTenant(reader, head) && (!head.groups || head.groups.some(group => reader.groups.includes(group)));
}

const isOfTenant = (reader: Reader, head: DocumentHead): boolean =>
  head.tenant === reader.tenant && head.status !== 'DELETED';
