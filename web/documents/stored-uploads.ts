type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** What a tab remembers of uploads; never the files. */
export const UPLOADS = 'groundwork.uploads';

/** Each user's own: another one may log in in the same tab. */
export const storeOf = (userId: string, storage: Store = sessionStorage): Store => ({
  getItem: name => storage.getItem(`${name}.${userId}`),
  setItem: (name, value) => storage.setItem(`${name}.${userId}`, value),
});

/** For who logs out: names of files tell something too. */
export function forgetUploads(storage: Storage = sessionStorage): void {
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const name of names) if (name?.startsWith(UPLOADS)) storage.removeItem(name);
}
