import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const help = `Usage: node cli/redrive.ts [options]

Sends the messages of all dead-letter queues back, and retries the documents whose messages were given up.

  --url URL      address of the API, as the deployment prints it (default: the stack that npm start runs)
  --key KEY      API key (default: $GROUNDWORK_API_KEY, or that of the running stack)
  --state DIR    state folder of the running stack (default: .groundwork)
  --help         this text
`;

const endpoints = z.object({ restUrl: z.string(), apiKey: z.string() });
const reply = z.object({
  queues: z.array(z.object({ queue: z.string(), messages: z.int() })),
  job: z.object({ jobId: z.string() }),
});

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    state: { type: 'string', default: '.groundwork' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(help);
else await redrive();

async function redrive(): Promise<void> {
  const target = await findTarget();
  if (!target) return;
  const url = new URL('dead-letters/redrive', target.restUrl.endsWith('/') ? target.restUrl : `${target.restUrl}/`);
  const response = await fetch(url, { method: 'POST', headers: { 'x-api-key': target.apiKey } });
  if (!response.ok) return fail(`${url} answered ${response.status}: ${await response.text()}`);
  const { queues, job } = reply.parse(await response.json());
  for (const { queue, messages } of queues) console.log(`${queue}: about ${messages} messages are on their way back`);
  if (queues.length === 0) console.log('No dead-letter queue holds messages.');
  console.log(`Documents whose messages were given up are tried again by job ${job.jobId}: GET /jobs/${job.jobId}`);
}

/** @returns undefined, once it has said why, when there is no API to ask */
async function findTarget(): Promise<z.infer<typeof endpoints> | undefined> {
  const key = values.key ?? process.env.GROUNDWORK_API_KEY;
  if (values.url !== undefined) {
    if (key !== undefined) return { restUrl: values.url, apiKey: key };
    fail('Give the API key with --key or in GROUNDWORK_API_KEY.');
    return undefined;
  }
  const file = join(values.state, 'endpoints.json');
  try {
    return endpoints.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    fail(
      `${file} tells of no running stack (${error instanceof Error ? error.message : error}). Give --url and --key.`,
    );
    return undefined;
  }
}

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
}
