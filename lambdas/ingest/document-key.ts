export const DEFAULT_TENANT = 'default';

const DOCUMENTS = 'documents';
const INCOMING = 'incoming';

/**
 * Which objects of the bucket are documents, and whose: `documents/…` and, in the drop box, `incoming/…` are the default
 * tenant's, the same folders under `tenants/<tenant>/` another's. Folder markers, `.metadata.json` sidecars and hidden files
 * (any segment starts with a dot) are none.
 * @returns undefined for an object that is no document
 */
export function tenantOfKey(key: string): string | undefined {
  const segments = key.split('/');
  const name = segments.at(-1) ?? '';
  if (name === '' || name.endsWith('.metadata.json') || segments.some(segment => segment.startsWith('.'))) {
    return undefined;
  }
  const { tenant, folder, rest } = partsOf(key);
  return (folder === DOCUMENTS || folder === INCOMING) && rest !== '' ? tenant : undefined;
}

/** The folders in which a tenant's documents lie, or, without one, every tenant's; each ends with a slash. */
export function foldersOf(tenant: string | undefined): readonly string[] {
  if (tenant === undefined) return ['documents/', 'incoming/', 'tenants/'];
  const root = tenant === DEFAULT_TENANT ? '' : `tenants/${tenant}/`;
  return [`${root}documents/`, `${root}incoming/`];
}

/** Whether the document comes in by the drop box, so that its object is filed once it has ended. */
export const isDropBoxKey = (key: string): boolean => partsOf(key).folder === INCOMING;

/** Where an object of the drop box is filed. */
export function filingOf(key: string): { readonly processed: string; readonly failed: string } {
  const { root, rest } = partsOf(key);
  return { processed: `${root}processed/${rest}`, failed: `${root}failed/${rest}` };
}

/** The document whose object was filed under this key; undefined for any other key. */
export function dropBoxKeyOf(filedKey: string): string | undefined {
  const { root, folder, rest } = partsOf(filedKey);
  return folder === 'processed' || folder === 'failed' ? `${root}${INCOMING}/${rest}` : undefined;
}

/** `tenants/acme/incoming/a/b.md` → root `tenants/acme/`, folder `incoming`, rest `a/b.md`. */
function partsOf(key: string) {
  const [, tenant] = /^tenants\/([^/]+)\//.exec(key) ?? [];
  const root = tenant === undefined ? '' : `tenants/${tenant}/`;
  const below = key.slice(root.length);
  const slash = below.indexOf('/');
  return {
    tenant: tenant ?? DEFAULT_TENANT,
    root,
    folder: below.slice(0, Math.max(0, slash)),
    rest: below.slice(slash + 1),
  };
}
