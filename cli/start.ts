import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSettings, SettingsError } from '../lib/settings.ts';
import { type Cloud, startCloud } from '../local/cloud.ts';
import { resetState, StateError } from '../local/state.ts';
import { type Endpoints, publishEndpoints, withdrawEndpoints } from './endpoints.ts';
import { help, parseStartOptions, type StartOptions, UsageError } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import { ingestSamples } from './samples.ts';
import { synthesize } from './synthesize.ts';

const root = join(import.meta.dirname, '..');
/** Any key will do for a Pinecone that runs on this machine. */
const localPineconeKey = 'local-pinecone-key';

/** Runs the stack on this machine until it is interrupted. */
async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2), process.env);
  if (!options) {
    process.stdout.write(help);
    return;
  }
  const progress = createProgress(process.stdout);
  const cloud = await start(options, progress);
  const stopped = interrupted();
  try {
    const endpoints = endpointsOf(cloud);
    if (options.samples) await ingestSamplesOnce(options, endpoints, progress);
    await publishEndpoints(options.state, endpoints);
    progress.line(welcome(endpoints));
    await stopped;
    progress.line('\nStopping …');
  } finally {
    await withdrawEndpoints(options.state);
    await cloud.close();
  }
}

async function start(options: StartOptions, progress: Progress): Promise<Cloud> {
  const settings = parseSettings({ ...(await cdkContext()), stage: options.stage });
  if (options.reset) {
    await resetState(options.state);
    progress.line(`Removed ${options.state}.`);
  }
  await mkdir(options.state, { recursive: true });
  const assembly = join(options.state, 'cdk.out');
  progress.step('Synthesizing the stack');
  const synthesized = await synthesize(root, assembly, options.stage);
  progress.done(synthesized ? undefined : 'unchanged');
  progress.step('Starting the local cloud');
  const cloud = await startCloud({
    assembly,
    state: options.state,
    port: options.port,
    secrets: { [settings.pinecone.apiKeySecretName]: localPineconeKey },
    log: { line: (source, text) => progress.line(`    ${source}: ${text}`) },
    onProgress: ({ done, total, logicalId }) => progress.update(`${done}/${total} resources, ${logicalId}`),
  });
  progress.done(cloud.url);
  return cloud;
}

async function cdkContext(): Promise<Record<string, unknown>> {
  const cdk = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  return cdk.context;
}

function endpointsOf({ url, region, outputs, apiKeys }: Cloud): Endpoints {
  const { RestUrl: restUrl, BucketName: bucket } = outputs;
  const apiKey = apiKeys.find(({ id }) => id === outputs.ApiKeyId)?.value;
  if (!restUrl || !bucket || !apiKey) throw new Error('The stack lacks an output: RestUrl, BucketName or ApiKeyId.');
  return { restUrl, apiKey, s3Endpoint: url, bucket, region };
}

/** The samples are ingested at the first start only: whoever deletes one does not find it again. */
async function ingestSamplesOnce({ state }: StartOptions, endpoints: Endpoints, progress: Progress): Promise<void> {
  const marker = join(state, 'samples-ingested');
  if (existsSync(marker)) return;
  progress.step('Ingesting the sample documents');
  const count = await ingestSamples(root, endpoints, (done, total) => progress.update(`${done} of ${total}`));
  await writeFile(marker, '');
  progress.done(`${count} documents`);
}

function welcome({ restUrl, apiKey, s3Endpoint, bucket }: Endpoints): string {
  return `
Groundwork is running. Answers are extracted from the documents by a local stand-in for a model, not written by one.

  REST address  ${restUrl}
  API key       ${apiKey}
  S3 address    ${s3Endpoint}
  Bucket        ${bucket}

Ask a question:

  curl -s ${restUrl}chat -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' \\
    -d '{"message": "How many days of annual leave do I have?"}'

Watch the answer come (add to the line above):  -N -H 'accept: text/event-stream'

Add a document of your own (any access key will do, e.g. AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=me):

  aws --endpoint-url ${s3Endpoint} --region us-east-1 s3 cp handbook.pdf s3://${bucket}/documents/

See what became of it:

  curl -s ${restUrl}documents -H 'x-api-key: ${apiKey}'

Ctrl-C stops everything; what is there stays there. npm start -- --reset starts clean.
`;
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one does not wait for an orderly end. */
function interrupted(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve();
      });
    }
  });
}

/** Failures that a person can mend are one line; anything else is a bug and shows where. */
function describe(error: unknown): unknown {
  if (error instanceof UsageError || error instanceof SettingsError || error instanceof StateError)
    return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return 'The port is in use. Stop what listens there, or choose another: npm start -- --port 4600';
  }
  return error;
}

try {
  await main();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}
