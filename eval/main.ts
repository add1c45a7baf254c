import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeKey } from '../cli/own-key.ts';
import { createProgress } from '../cli/progress.ts';
import { synthesize } from '../cli/synthesize.ts';
import { startCloud } from '../local/cloud.ts';
import { baselineOf, baselineShape, behindBm25, shortfalls } from './baseline.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { type Endpoints, endpointsShape, Groundwork } from './groundwork.ts';
import { reportOf } from './report.ts';
import { readSet, SetError } from './set.ts';

const root = join(import.meta.dirname, '..');
const help = `Usage: npm run eval -- [options]

Ingests the documents of an evaluation set, asks its questions, and reports retrieval (beside plain BM25), citations,
refusals, tokens and cost, as Markdown and JSON. Fails when a figure falls below the baseline by more than its noise, or
retrieval finds less than plain BM25.

  --set DIR            the set: questions.jsonl with documents.jsonl or files (default eval/sets/handbook)
  --endpoints FILE     a running Groundwork: { restUrl, apiKey, bucket, region, s3Endpoint? } as .groundwork/endpoints.json
                       has it (default: a local cloud of its own, removed afterwards)
  --out DIR            where the report goes (default dist/eval)
  --baseline FILE      figures to hold (default: baseline.json of the set, if there is one)
  --update-baseline    write the baseline instead of holding it
  --concurrency N      questions at a time (default 4)
  --outside N          most questions asked of another subject's documents (default 300)
  --json               the figures as a line of JSON on stdout, all else on stderr
  --help               this text

Exit codes: 0 the line is held, 1 a figure fell, 2 the call was wrong.
`;

interface Options {
  readonly set: string;
  readonly endpoints: string | undefined;
  readonly out: string;
  readonly baseline: string;
  readonly update: boolean;
  readonly concurrency: number;
  readonly mostOutside: number;
  readonly json: boolean;
}

/** With `--json`, stdout is for the figures alone. */
const progress = createProgress(process.argv.includes('--json') ? process.stderr : process.stdout);

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) {
    process.stdout.write(help);
    return 0;
  }
  const set = await readSet(options.set);
  const stack = options.endpoints ? await runningStack(options.endpoints) : await localStack();
  const groundwork = new Groundwork(stack.endpoints);
  try {
    const folder = `eval-${set.name}`;
    progress.step(`Ingesting ${set.documents.length} documents`);
    await groundwork.ingest(folder, set.documents, done => progress.update(`${done} of ${set.documents.length}`));
    progress.done();
    progress.step(`Asking ${set.questions.length} questions`);
    const evaluation = await evaluate(groundwork, set, {
      folder,
      concurrency: options.concurrency,
      mostOutside: options.mostOutside,
      onProgress: (done, total) => progress.update(`${done} of ${total}`),
    });
    progress.done();
    return await conclude(evaluation, options, stack.model);
  } finally {
    groundwork.close();
    await stack.close();
  }
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      set: { type: 'string', default: join(root, 'eval', 'sets', 'handbook') },
      endpoints: { type: 'string' },
      out: { type: 'string', default: join(root, 'dist', 'eval') },
      baseline: { type: 'string' },
      'update-baseline': { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '4' },
      outside: { type: 'string', default: '300' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  const count = (name: 'concurrency' | 'outside', least: number): number => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < least) throw new SetError(`--${name} must be a number from ${least} up.`);
    return number;
  };
  return {
    set: resolve(values.set),
    endpoints: values.endpoints,
    out: resolve(values.out),
    baseline: resolve(values.baseline ?? join(values.set, 'baseline.json')),
    update: values['update-baseline'],
    concurrency: count('concurrency', 1),
    mostOutside: count('outside', 0),
    json: values.json,
  };
}

interface Stack {
  readonly endpoints: Endpoints;
  readonly model: string;
  close(): Promise<void>;
}

async function runningStack(file: string): Promise<Stack> {
  if (!existsSync(file))
    throw new SetError(`${file} is not there. Start Groundwork with npm start, or write it by hand.`);
  const endpoints = endpointsShape.parse(JSON.parse(await readFile(file, 'utf8')));
  return { endpoints, model: `the model behind ${endpoints.restUrl}`, close: async () => undefined };
}

async function localStack(): Promise<Stack> {
  const state = await mkdtemp(join(tmpdir(), 'groundwork-eval-'));
  progress.step('Starting a local cloud');
  const assembly = join(root, 'dist', 'eval', 'cdk.out');
  await mkdir(join(root, 'dist', 'eval'), { recursive: true });
  await synthesize({ root, assembly, stage: 'dev' });
  const secrets = { 'groundwork/pinecone-api-key': 'local-pinecone-key' };
  const cloud = await startCloud({ assembly, state, port: 0, secrets });
  progress.done(cloud.url);
  const { RestUrl: restUrl = '', BucketName: bucket = '' } = cloud.outputs;
  const apiKey = await makeKey('eval', { restUrl, region: cloud.region });
  return {
    endpoints: { restUrl, apiKey, bucket, s3Endpoint: cloud.url, region: cloud.region },
    model: 'the local stand-in, which extracts',
    async close() {
      await cloud.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

/** Writes the report and holds the line. @returns the exit code */
async function conclude(evaluation: Evaluation, options: Options, model: string): Promise<number> {
  const report = reportOf(evaluation, model);
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, `${evaluation.set}.md`), report);
  await writeFile(join(options.out, `${evaluation.set}.json`), `${JSON.stringify(evaluation, undefined, 2)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(evaluation)}\n`);
  progress.line(`\n${report}\nWritten to ${options.out}.`);
  if (options.update) {
    await writeFile(options.baseline, `${JSON.stringify(baselineOf(evaluation), undefined, 2)}\n`);
    progress.line(`The baseline is ${options.baseline} now.`);
    return 0;
  }
  const baseline = existsSync(options.baseline) ? JSON.parse(await readFile(options.baseline, 'utf8')) : {};
  const fallen = [...shortfalls(evaluation, baselineShape.parse(baseline)), ...behindBm25(evaluation)];
  for (const line of fallen) progress.line(`FELL  ${line}`);
  if (fallen.length === 0) progress.line('No figure fell below the baseline, nor retrieval below plain BM25.');
  return fallen.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof SetError ? error.message : error);
  process.exitCode = 2;
}
