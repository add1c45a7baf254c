import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseSettings, type Settings } from '../lib/settings.ts';
import { type Cloud, startCloud } from '../local/cloud.ts';
import { openState, resetState, type State } from '../local/state.ts';
import { Client } from './client.ts';
import { watchDocuments } from './document-watch.ts';
import { type Endpoints, publishEndpoints, withdrawEndpoints } from './endpoints.ts';
import { describeFailure } from './failure.ts';
import { apiKeyIdentity } from './identity.ts';
import { EARLIER_FORM, FORM_FILE, isOfEarlierForm, markForm } from './index-form.ts';
import { INTERRUPTED, interruption } from './interruption.ts';
import { madeUpUsers } from './made-up-users.ts';
import { help, parseStartOptions, type StartOptions } from './options.ts';
import { OWN_KEY_FILE, ownKey } from './own-key.ts';
import { OwnRequests } from './own-requests.ts';
import { checkPort, portError } from './port.ts';
import { createProgress, type Progress } from './progress.ts';
import { ingestSamples } from './samples.ts';
import { synthesize } from './synthesize.ts';
import { createTerminalLog, type TerminalLog } from './terminal-log.ts';
import { welcome } from './welcome.ts';

const root = join(import.meta.dirname, '..');
/** Any key will do for a Pinecone that runs on this machine. */
const localPineconeKey = 'local-pinecone-key';
const samplesRecord = 'samples.json';
/** What this command keeps in the state folder, beside the local cloud's own. */
const ownFiles = [
  ...['cdk.out', 'cdk.out.new', 'cdk.out.sha256', 'synthesis.log', samplesRecord, FORM_FILE, OWN_KEY_FILE],
  'endpoints.json',
];

/** What the stack tells of itself. */
const stackOutputs = z
  .object({
    ...{ RestUrl: z.string(), BucketName: z.string(), UserPoolDomain: z.string(), CliClientId: z.string() },
    WebUrl: z.string().optional(),
  })
  .transform(outputs => ({
    restUrl: outputs.RestUrl,
    bucket: outputs.BucketName,
    userPoolDomain: outputs.UserPoolDomain,
    cliClientId: outputs.CliClientId,
    webUrl: outputs.WebUrl,
  }));

interface Run {
  readonly options: StartOptions;
  readonly progress: Progress;
  readonly log: TerminalLog;
  readonly signal: AbortSignal;
}

/** Runs the stack on this machine until it is interrupted. */
async function main(options: StartOptions, progress: Progress, signal: AbortSignal): Promise<void> {
  const log = createTerminalLog({ verbose: options.verbose, write: progress.line });
  const run: Run = { options, progress, log, signal };
  const { pinecone } = await readSettings(options.stage);
  await checkPort(options.port);
  if (options.reset) {
    resetState(options.state, ownFiles);
    progress.line(`  ✓ Emptied ${options.state}`);
  }
  const isEarlier = await isOfEarlierForm(options.state);
  // Held from here on: a second start in the same folder ends before it touches anything.
  const state = openState(options.state);
  try {
    await withdrawEndpoints(options.state); // of a start that was killed
    if (isEarlier) progress.line(EARLIER_FORM);
    else await markForm(options.state);
    const cloud = await start(run, state, pinecone.apiKeySecretName);
    try {
      await serve(run, cloud);
    } finally {
      await withdrawEndpoints(options.state);
      await cloud.close();
    }
  } finally {
    state.close();
  }
}

/** @throws SettingsError */
async function readSettings(stage: string): Promise<Settings> {
  const { context } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')) as { context: object };
  return parseSettings({ ...context, stage });
}

async function start(run: Run, state: State, pineconeSecretName: string): Promise<Cloud> {
  const { options, progress, log, signal } = run;
  const { stage } = options;
  const assembly = join(options.state, 'cdk.out');
  progress.step('Synthesizing the stack');
  const synthesized = await synthesize({ root, assembly, stage, signal });
  progress.done(synthesized ? undefined : 'unchanged');
  signal.throwIfAborted();
  progress.step('Starting the local cloud');
  const cloud = await startCloud({
    assembly,
    state,
    port: options.port,
    secrets: { [pineconeSecretName]: localPineconeKey },
    users: madeUpUsers,
    log,
    onProgress: ({ done, total, logicalId }) => progress.update(`${done} of ${total} resources, ${logicalId}`),
  }).catch((error: unknown) => {
    throw portError(options.port, error) ?? error;
  });
  progress.done(cloud.url);
  return cloud;
}

/** Makes the stack ready, says so, and waits for the interrupt. */
async function serve(run: Run, cloud: Cloud): Promise<void> {
  const { options, progress, log, signal } = run;
  const own = new OwnRequests();
  const onRequest = (method: string, path: string) => own.add(method, path);
  const stack = { ...stackOutputs.parse(cloud.outputs), region: cloud.region };
  const { restUrl } = stack;
  const apiKey = await ownKey(options.state, { restUrl, region: cloud.region, signal, onRequest });
  const endpoints: Endpoints = { ...stack, apiKey, s3Endpoint: cloud.url };
  const client = new Client({ restUrl, identity: apiKeyIdentity(apiKey), foundBy: 'npm start' }, signal, { onRequest });
  log.showRequests(line => own.isOwn(line));
  if (options.samples) await addSamples(run, client);
  signal.throwIfAborted();
  const watch = watchDocuments(
    client,
    ({ key, status, chunkCount, error }) =>
      progress.line(error ? `  ! ${key} ${status}: ${error.message}` : `  ${key} ${status}, ${chunkCount} chunks`),
    error => progress.line(`  ! The documents could not be listed: ${error}`),
  );
  try {
    log.onDocument(watch.touch);
    await publishEndpoints(options.state, endpoints);
    progress.line(welcome(endpoints, options.state, cloud.logs));
    await aborted(signal);
    progress.line('\nStopping …');
  } finally {
    watch.close();
  }
}

async function addSamples({ options, progress, signal }: Run, client: Client): Promise<void> {
  progress.step('Ingesting the sample documents');
  const samples = await ingestSamples({
    ...{ root, client, signal },
    record: join(options.state, samplesRecord),
    onProgress: (done, total) => progress.update(`${done} of ${total}`),
  });
  if (!samples) {
    progress.done('unchanged');
    return;
  }
  const failed = samples.ended.filter(({ status }) => status === 'FAILED');
  const unfinished = samples.unfinished > 0 ? `, ${samples.unfinished} still in progress` : '';
  progress.done(`${samples.ended.length - failed.length} documents${unfinished}`);
  for (const { key, error } of failed) progress.line(`  ! ${key} FAILED: ${error?.message}`);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const isAbort = (error: unknown) => signal.aborted && error instanceof Error && error.name === 'AbortError';

const signal = interruption();
const progress = createProgress(process.stdout);
try {
  const options = parseStartOptions(process.argv.slice(2), process.env);
  if (options) await main(options, progress, signal);
  else process.stdout.write(help);
} catch (error) {
  progress.fail();
  const { text, exitCode } = isAbort(error)
    ? { text: 'Interrupted before it was ready.', exitCode: INTERRUPTED }
    : describeFailure(error);
  console.error(text);
  process.exitCode = exitCode;
}
