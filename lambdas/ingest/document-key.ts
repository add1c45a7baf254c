export const DEFAULT_TENANT = 'default';

/**
 * Which objects of the bucket are documents, and whose: `documents/…` is the default tenant's, `tenants/<tenant>/documents/…`
 * another's. Folder markers, `.metadata.json` sidecars and hidden files (any segment starts with a dot) are none.
 * @returns undefined for an object that is no document
 */
export function tenantOfKey(key: string): string | undefined {
  const segments = key.split('/');
  const name = segments.at(-1) ?? '';
  if (name === '' || name.endsWith('.metadata.json') || segments.some(segment => segment.startsWith('.'))) {
    return undefined;
  }
  if (segments[0] === 'documents' && segments.length > 1) return DEFAULT_TENANT;
  const [root, tenant, folder] = segments;
  return root === 'tenants' && folder === 'documents' && segments.length > 3 && tenant ? tenant : undefined;
}

/** The folders in which a tenant's documents lie, or, without one, every tenant's; each ends with a slash. */
export function foldersOf(tenant: string | undefined): readonly string[] {
  if (tenant === undefined) return ['documents/', 'tenants/'];
  return [tenant === DEFAULT_TENANT ? 'documents/' : `tenants/${tenant}/documents/`];
}
