import { z } from 'zod';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { listDocuments } from '../documents.ts';
import { UsageError } from '../parse-arguments.ts';
import { keyPrefixOf } from '../places.ts';
import { jobShape } from '../shapes.ts';

const accepted = z.looseObject({ documentId: z.string(), key: z.string() });

export const retry = defineCommand({
  summary: 'process FAILED documents once more',
  help: `Usage: groundwork retry <document>... | --all [options]

Processes FAILED documents once more, or a PENDING one that nothing happens to. A document is named by its key, with or
without documents/, or its id.

  --all        all FAILED documents, as a job
  --code CODE  with --all: only those that failed with this code, e.g. service-unavailable
`,
  options: { all: { type: 'boolean' }, code: { type: 'string' } },
  async run({ client, values, positionals, output }) {
    if (Boolean(values.all) === positionals.length > 0) throw new UsageError('Name documents, or give --all.');
    if (values.code !== undefined && !values.all) throw new UsageError('--code goes with --all.');
    const api = await client();
    if (values.all) {
      const body = values.code === undefined ? {} : { code: values.code };
      const job = await api.get(jobShape, { method: 'POST', path: 'documents/retry', body });
      output.result(job, `Job ${job.jobId} retries them: groundwork jobs show ${job.jobId}`);
      return 0;
    }
    let failed = 0;
    for (const name of positionals) {
      try {
        const documentId = await documentIdOf(api, name);
        const reply = await api.get(accepted, { method: 'POST', path: `documents/${documentId}/retry` });
        output.result(reply, `${reply.key} is processed again.`);
      } catch (error) {
        if (!(error instanceof CommandError) || positionals.length === 1) throw error;
        output.note(`${name}: ${error.message}`, 'red');
        failed += 1;
      }
    }
    return failed > 0 ? EXIT.failed : 0;
  },
});

async function documentIdOf(client: Client, name: string): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(name)) return name;
  const key = keyPrefixOf(name);
  for await (const document of listDocuments(client, { prefix: key })) {
    if (document.key === key) return document.documentId;
  }
  throw new CommandError(`There is no document ${key}: groundwork status lists them.`, EXIT.notFound);
}
