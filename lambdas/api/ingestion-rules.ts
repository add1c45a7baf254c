import type { Reader } from '../conversation.ts';
import { foldersOf } from '../ingest/document-key.ts';
import type { IngestionRules, LoadedRules } from '../ingest/rules.ts';
import { isOperator } from '../reader.ts';

/** How patterns begin that are for every tenant alike. */
const GENERAL = ['**', 'tenants/*/', 'tenants/**'];

/**
 * The rules in force, as far as they are about the reader's tenant or all: one file is for all tenants, and what another's folders
 * are called is told to those alone who run Groundwork.
 */
export async function showRules(readRules: () => Promise<LoadedRules>, reader: Reader): Promise<LoadedRules> {
  const loaded = await readRules();
  if (isOperator(reader)) return loaded;
  const rules = rulesFor(reader.tenant, loaded.rules);
  if (loaded.error === undefined) return { ...loaded, rules };
  return { ...loaded, rules, error: 'An administrator of the default tenant sees what is wrong with the newest file.' };
}

function rulesFor(tenant: string, { include, exclude, folders, ...general }: IngestionRules): IngestionRules {
  const own = foldersOf(tenant);
  const about = (globs: readonly string[]) =>
    globs.filter(glob => [...own, ...GENERAL].some(start => glob.startsWith(start)));
  const holdsOwn = (folder: string) => own.some(root => folder.startsWith(root) || root.startsWith(folder));
  return {
    ...general,
    ...(include && { include: about(include) }),
    ...(exclude && { exclude: about(exclude) }),
    ...(folders && { folders: Object.fromEntries(Object.entries(folders).filter(([folder]) => holdsOwn(folder))) }),
  };
}
