import { AppFailure } from '../errors.ts';
import { DEFAULT_TENANT, tenantOfKey } from '../ingest/document-key.ts';
import { documentKeyOfSidecar } from '../ingest/sidecar.ts';

/** S3's limit. */
const MAX_KEY_BYTES = 1_024;
// biome-ignore lint/suspicious/noTemplateCurlyInString: S3's own placeholder
const FILE_NAME = '${filename}';

/**
 * The object key that an upload goes to, in the tenant's synced folder: a document's, or that of its sidecar. It can name
 * nothing else: no step up, no hidden file, and no name that ingestion would pass over in silence.
 * @param folder under `documents/`; ends with a slash
 * @throws AppFailure invalid-request
 */
export function uploadKeyOf(tenant: string, name: string, folder = ''): string {
  const issues = [
    ...(name.includes('/') ? ['name: must not contain /'] : []),
    ...faultsOf('name', [name]),
    ...faultsOf('folder', folder === '' ? [] : folder.slice(0, -1).split('/')),
  ];
  const root = tenant === DEFAULT_TENANT ? 'documents/' : `tenants/${tenant}/documents/`;
  const key = `${root}${folder}${name}`;
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    issues.push(`name: folder and name may have ${MAX_KEY_BYTES} bytes together`);
  // Whatever slips through above must still be a key that ingestion takes for this tenant's document.
  const documentKey = documentKeyOfSidecar(key) ?? key;
  if (issues.length === 0 && tenantOfKey(documentKey) !== tenant) issues.push('name: names no document');
  if (issues.length > 0) throw new AppFailure({ kind: 'invalid-request', issues });
  return key;
}

function faultsOf(field: string, segments: readonly string[]): string[] {
  const issues: string[] = [];
  if (segments.some(segment => segment === '')) issues.push(`${field}: must have no empty part`);
  if (segments.some(segment => segment.startsWith('.'))) issues.push(`${field}: no part may start with a dot`);
  if (segments.some(segment => /[\p{Cc}\\]/u.test(segment) || !segment.isWellFormed())) {
    issues.push(`${field}: must not contain control characters or backslashes`);
  }
  // S3 fills it in with whatever the form's file is called: the form would be one for any object of the folder.
  if (segments.some(segment => segment.includes(FILE_NAME))) issues.push(`${field}: must not contain ${FILE_NAME}`);
  return issues;
}
