import type { SiteStore } from '../../lambdas/web-site/publish.ts';
import type { SiteFile } from '../../lambdas/web-site/site-file.ts';

/** A site in memory; `steps` tells what was done in which order. */
export function inMemorySiteStore() {
  const files = new Map<string, SiteFile>();
  const steps: string[] = [];
  const store: SiteStore = {
    keys: async () => [...files.keys()],
    async put(file) {
      steps.push(`put ${file.key}`);
      files.set(file.key, file);
    },
    async remove(keys) {
      for (const key of keys) steps.push(`remove ${key}`);
      for (const key of keys) files.delete(key);
    },
    invalidate: async reference => void steps.push(`invalidate ${reference}`),
  };
  return { store, files, steps };
}
