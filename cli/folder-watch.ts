import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Editors write a file in several steps: what comes together is one change. */
const GATHER_MS = 300;

/**
 * Watches folders, at any depth, from the moment that this resolves; so what changes while the first changes are handled is
 * not missed.
 * @returns yields once for every lot of changes, until the signal
 */
export async function watchFolders(sources: readonly string[], signal: AbortSignal): Promise<AsyncGenerator<void>> {
  const folders = new Set(await Promise.all(sources.map(folderOf)));
  let changed = Promise.withResolvers<void>();
  const watchers = [...folders].map(folder => watch(folder, { recursive: true }, () => changed.resolve()));
  const stop = () => {
    for (const watcher of watchers) watcher.close();
    changed.resolve();
  };
  signal.addEventListener('abort', stop, { once: true });
  return (async function* () {
    for (;;) {
      await changed.promise;
      await delay(GATHER_MS, undefined, { signal }).catch(() => undefined); // the signal is looked at next
      if (signal.aborted) return;
      changed = Promise.withResolvers<void>();
      yield;
    }
  })();
}

/** The nearest folder that is there: of a file its own, of a pattern the one before its first star. */
async function folderOf(source: string): Promise<string> {
  for (let path = resolve(source); ; path = dirname(path)) {
    const found = await stat(path).catch(() => undefined); // a pattern is no file
    if (found?.isDirectory()) return path;
  }
}
