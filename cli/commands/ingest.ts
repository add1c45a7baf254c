import { type Call, defineCommand } from '../command.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { watchFolders } from '../folder-watch.ts';
import { Ingestion } from '../ingestion.ts';
import { findFiles } from '../local-files.ts';
import { FileHashes } from '../mirror.ts';
import { parseCount, UsageError } from '../parse-arguments.ts';
import { folderKeyOf } from '../places.ts';

const options = {
  prefix: { type: 'string' },
  delete: { type: 'boolean' },
  watch: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  concurrency: { type: 'string' },
} as const;

export const ingest = defineCommand({
  summary: 'put files into the bucket and see them become answerable',
  help: `Usage: groundwork ingest <folder|file|pattern>... [options]

Uploads what is new or has changed, by size and checksum, and waits until each document is COMPLETED or FAILED. What was
interrupted goes on where it stopped when it is called again. Files of a folder handbook become documents/handbook/…; a
<name>.metadata.json beside a file goes with it. Hidden files are left out.

  --prefix PREFIX  folder under documents/ in place of the folder's own name; "" for none
  --delete         mirror: delete documents of that folder that are no file here any more
  --watch          go on, and ingest what changes, until Ctrl-C
  --dry-run        say what would be done
  --no-wait        end when everything is uploaded
  --concurrency N  uploads at a time, 1 to 32 (default 8)
`,
  options,
  async run(call) {
    const { values, positionals: sources } = call;
    if (sources.length === 0) throw new UsageError('Say what to ingest: groundwork ingest ./handbook.');
    if (values.delete && sources.length > 1) throw new UsageError('--delete mirrors one folder.');
    if (values.watch && values['dry-run']) throw new UsageError('--watch does not go with --dry-run.');
    const concurrency = parseCount('--concurrency', values.concurrency ?? '8', 1, 32);
    const prefix = values.prefix === undefined ? undefined : prefixOf(values.prefix);
    const hashes = new FileHashes();
    const client = await call.client();
    const sync = async () => {
      const found = await findFiles(sources, prefix);
      checkMirror(values.delete === true, found.folder, found.files.length);
      return new Ingestion(call, client, {
        ...{ ...found, hashes, concurrency },
        mirrors: values.delete === true,
        dryRun: values['dry-run'] === true,
        waits: !values['no-wait'],
      }).run();
    };
    if (values.watch) return watch(call, await watchFolders(sources, call.signal), sync);
    return (await sync()) > 0 ? EXIT.failed : 0;
  },
});

/** As it stands behind `documents/`. */
function prefixOf(text: string): string {
  if (text === '') return '';
  const folder = folderKeyOf(text);
  const isSound = folder.startsWith('documents/') && !folder.includes('//') && !/(^|\/)\./.test(folder);
  if (!isSound) throw new UsageError(`"${text}" is no folder under documents/.`);
  return folder.slice('documents/'.length);
}

/** A folder that was emptied by mistake, or a disk that is not there, must not empty the bucket. */
function checkMirror(mirrors: boolean, folder: string, count: number): void {
  if (!mirrors) return;
  if (folder === 'documents/') throw new UsageError('--delete needs a folder under documents/: give --prefix.');
  if (count === 0)
    throw new CommandError('There are no files here: --delete would delete every document of the folder.');
}

async function watch(
  { output, signal }: Call<typeof options>,
  changes: AsyncIterable<void>,
  sync: () => Promise<number>,
): Promise<number> {
  await sync();
  output.note('Watching for changes. Ctrl-C ends it.');
  for await (const _ of changes) {
    try {
      await sync();
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof CommandError)) throw error;
      output.note(error.message, 'red'); // the next change may mend it
    }
  }
  return 0;
}
