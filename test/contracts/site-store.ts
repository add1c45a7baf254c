import { expect, it } from 'vitest';
import type { SiteStore } from '../../lambdas/web-site/publish.ts';
import { siteFile } from '../../lambdas/web-site/site-file.ts';

const file = (key: string, text = key) => siteFile(key, Buffer.from(text));

/** What every site store does. @param read what visitors get of a file, if there is one */
export function siteStoreContract(
  makeStore: () => Promise<{ store: SiteStore; read(key: string): Promise<string | undefined> }>,
): void {
  it('keeps what is put, the last content of a key', async () => {
    const { store, read } = await makeStore();
    await store.put(file('index.html', 'old'));
    await store.put(file('index.html', 'new'));
    await store.put(file('assets/größe-ABCDEFGH.js'));
    expect((await store.keys()).sort()).toEqual(['assets/größe-ABCDEFGH.js', 'index.html']);
    expect(await read('index.html')).toBe('new');
  });

  it('removes what it is asked to, also what is not there, and nothing else', async () => {
    const { store, read } = await makeStore();
    for (const key of ['a.txt', 'b.txt', 'c.txt']) await store.put(file(key));
    await store.remove(['a.txt', 'b.txt', 'none.txt']);
    await store.remove([]);
    expect(await store.keys()).toEqual(['c.txt']);
    expect(await read('a.txt')).toBeUndefined();
  });

  it('takes an invalidation again', async () => {
    const { store } = await makeStore();
    await store.invalidate('once');
    await store.invalidate('once');
  });
}
