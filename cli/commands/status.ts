import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { EXIT } from '../command-error.ts';
import { listDocuments } from '../documents.ts';
import { table } from '../output.ts';
import { UsageError } from '../parse-arguments.ts';
import { keyPrefixOf } from '../places.ts';
import type { Document } from '../shapes.ts';

const STATES = ['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'];
const POLL_MS = 1_000;

const options = { status: { type: 'string' }, wait: { type: 'boolean' } } as const;

export const status = defineCommand({
  summary: 'documents and their states',
  help: `Usage: groundwork status [prefix] [options]

Lists documents, changed last first: state, chunks, key, and why one FAILED. A prefix is a folder or the beginning of a
key, with or without documents/.

  --status STATE  only PENDING, PROCESSING, COMPLETED or FAILED ones
  --wait          wait until none is PENDING or PROCESSING; then fail if one is FAILED
`,
  options,
  async run(call) {
    const { values, positionals, output } = call;
    const [prefix] = positionals;
    if (values.status !== undefined && !STATES.includes(values.status)) {
      throw new UsageError(`--status must be ${STATES.join(', ')}.`);
    }
    const client = await call.client();
    const query = { status: values.status, ...(prefix !== undefined && { prefix: keyPrefixOf(prefix) }) };
    if (values.wait) await waitUntilEnded(call, client, query.prefix);
    const documents = await Array.fromAsync(listDocuments(client, query));
    for (const document of documents) output.result(document);
    for (const line of linesOf(documents)) output.line(line);
    output.line(countsOf(documents));
    return values.wait && documents.some(({ status }) => status === 'FAILED') ? EXIT.failed : 0;
  },
});

function linesOf(documents: readonly Document[]): string[] {
  const rows = table(
    documents.map(({ status, chunkCount, key }) => [status, `${chunkCount} chunks`.padStart(12), key]),
  );
  return documents.flatMap(({ error }, at) => [
    rows[at] ?? '',
    ...(error ? [`            ${error.message} (${error.code})`] : []),
  ]);
}

/** `3 documents: 2 COMPLETED, 1 FAILED`. */
function countsOf(documents: readonly Pick<Document, 'status'>[]): string {
  if (documents.length === 0) return 'No documents.';
  const counts = STATES.map(state => ({ state, count: documents.filter(({ status }) => status === state).length }));
  const told = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`);
  return `${documents.length} document${documents.length === 1 ? '' : 's'}: ${told.join(', ')}`;
}

async function waitUntilEnded(
  { progress, signal }: Pick<Call<typeof options>, 'progress' | 'signal'>,
  client: Client,
  prefix: string | undefined,
): Promise<void> {
  progress.step('Waiting for documents under way');
  for (;;) {
    let left = 0;
    for (const status of ['PENDING', 'PROCESSING']) {
      for await (const _ of listDocuments(client, { status, prefix })) left += 1;
    }
    if (left === 0) break;
    progress.update(`${left} left`);
    await delay(POLL_MS, undefined, { signal });
  }
  progress.done();
}
