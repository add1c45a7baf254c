import { beforeEach, expect, it } from 'vitest';
import type { ApiKey, KeyStore } from '../../lambdas/ports.ts';

/** A key that was made this many minutes after noon. */
const keyAt = (minute: number, change: Partial<ApiKey> = {}): ApiKey => ({
  ...{ keyId: `KEY${minute}`, tenant: 'acme', name: 'the intranet', role: 'reader', groups: ['staff'] },
  ...{ secretHash: 'hash', createdBy: 'ann', createdAt: `2026-01-01T12:${String(minute).padStart(2, '0')}:00.000Z` },
  ...{ expiresAt: '2026-04-01T00:00:00.000Z', ...change },
});

/** What every store of API keys must do. `makeStore` gives an empty one whose times come from the clock. */
export function keyStoreContract(makeStore: (clock: () => Date) => Promise<KeyStore>) {
  let store: KeyStore;
  let now: Date;
  beforeEach(async () => {
    now = new Date('2026-01-02T00:00:00Z');
    store = await makeStore(() => now);
  });

  it('keeps a key as it was made, and makes it once', async () => {
    await store.create(keyAt(1));
    await expect(store.create(keyAt(1, { tenant: 'globex' }))).rejects.toThrow('exists already');
    expect(await store.get('KEY1')).toEqual(keyAt(1));
    expect(await store.get('KEY2')).toBeUndefined();
  });

  it('revokes a key of the tenant once and for all', async () => {
    await store.create(keyAt(1));
    expect(await store.revoke('acme', 'KEY1')).toBe(true);
    now = new Date('2026-01-03T00:00:00Z');
    expect(await store.revoke('acme', 'KEY1')).toBe(true);
    expect(await store.get('KEY1')).toEqual(keyAt(1, { revokedAt: '2026-01-02T00:00:00.000Z' }));
  });

  it("revokes neither another tenant's key nor one that is not there", async () => {
    await store.create(keyAt(1));
    expect(await store.revoke('globex', 'KEY1')).toBe(false);
    expect(await store.revoke('acme', 'KEY2')).toBe(false);
    expect(await store.get('KEY1')).toEqual(keyAt(1));
    expect(await store.get('KEY2')).toBeUndefined();
  });

  it("lists a tenant's keys, last made first, in pages", async () => {
    for (const minute of [3, 1, 2]) await store.create(keyAt(minute));
    await store.create(keyAt(4, { tenant: 'globex' }));
    const first = await store.list('acme', { limit: 2 });
    const second = await store.list('acme', { limit: 2, cursor: first.cursor });
    expect([first, second].map(({ keys }) => keys.map(({ keyId }) => keyId))).toEqual([['KEY3', 'KEY2'], ['KEY1']]);
    expect(second.cursor).toBeUndefined();
    expect((await store.list('acme', { limit: 3 })).cursor).toBeUndefined();
    expect((await store.list('initech', { limit: 3 })).keys).toEqual([]);
  });

  it("refuses a cursor that it did not give out, and another tenant's", async () => {
    const invalid = { error: { kind: 'invalid-request' } };
    await expect(store.list('acme', { limit: 1, cursor: 'bogus' })).rejects.toMatchObject(invalid);
    for (const minute of [1, 2]) await store.create(keyAt(minute));
    const { cursor } = await store.list('acme', { limit: 1 });
    await expect(store.list('globex', { limit: 1, cursor })).rejects.toMatchObject(invalid);
  });
}
