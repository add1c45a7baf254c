/** A file that was chosen or dropped, with the folder it lay in below what was dropped. */
export interface FoundFile {
  readonly file: File;
  /** Ends with a slash, or is empty. */
  readonly folder: string;
}

/** What of the File System API is used; `FileSystemEntry` is not told apart by its type. */
export interface Entry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
}
export interface FileEntry extends Entry {
  file(found: (file: File) => void, failed: (error: DOMException) => void): void;
}
export interface FolderEntry extends Entry {
  createReader(): { readEntries(found: (entries: Entry[]) => void, failed: (error: DOMException) => void): void };
}

/** What systems leave in folders, and what ingestion would pass over. */
const isLitter = (name: string): boolean => name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini';

/** Every file in and below the entries. @throws DOMException for one that cannot be read */
export async function* filesIn(entries: readonly Entry[], folder = ''): AsyncGenerator<FoundFile> {
  for (const entry of entries) {
    if (isLitter(entry.name)) continue;
    if (isFile(entry)) yield { file: await new Promise<File>((found, failed) => entry.file(found, failed)), folder };
    else if (isFolder(entry)) yield* filesIn(await entriesOf(entry), `${folder}${entry.name}/`);
  }
}

/** A reader gives some entries at a time, and at its end none. */
async function entriesOf(folder: FolderEntry): Promise<Entry[]> {
  const reader = folder.createReader();
  const entries: Entry[] = [];
  for (;;) {
    const some = await new Promise<Entry[]>((found, failed) => reader.readEntries(found, failed));
    if (some.length === 0) return entries;
    entries.push(...some);
  }
}

/** Of a file input, which knows the paths itself when a folder was chosen. */
export function filesOfInput(files: Iterable<File>): FoundFile[] {
  return [...files].flatMap(file => {
    const path = file.webkitRelativePath || file.name;
    if (path.split('/').some(isLitter)) return [];
    return [{ file, folder: path.slice(0, path.lastIndexOf('/') + 1) }];
  });
}

/** What was dropped; to be called while the event is handled, for its items are gone afterwards. */
export function droppedFiles({ items, files }: DataTransfer): AsyncGenerator<FoundFile> {
  const entries = [...items].flatMap(item => item.webkitGetAsEntry() ?? []);
  return entries.length > 0 ? filesIn(entries) : given(filesOfInput(files));
}

async function* given(files: readonly FoundFile[]): AsyncGenerator<FoundFile> {
  yield* files;
}

const isFile = (entry: Entry): entry is FileEntry => entry.isFile;
const isFolder = (entry: Entry): entry is FolderEntry => entry.isDirectory;
