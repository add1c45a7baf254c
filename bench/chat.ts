/**
 * What the chat function adds to what an answer has to wait for, beside a hand-minimal handler on the AWS SDK's and
 * Pinecone's clients that makes the same calls: cold start to the whole first answer, processor time of a warm question,
 * peak memory, size, and added latency where services take as long as the real ones. Every round runs both, in turns, in
 * processes of their own. The services are a stub in this process, without TLS. Processor time says more than the clock
 * on a machine that does other work besides. Arguments: rounds, questions a round.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { buildBundle, bundle } from '../lib/bundles.ts';
import { chatEnvironment } from './chat-environment.ts';
import { ANSWER_PIECES, CONVERSATION_ID, QUESTION } from './chat-records.ts';
import { type ChatServices, type Latencies, startChatServices } from './chat-services.ts';

const root = join(import.meta.dirname, '..');
const [rounds = 9, questions = 160] = process.argv.slice(3).map(Number);
const realisticRounds = Math.ceil(rounds / 3);
const realisticQuestions = 12;
const zero: Latencies = { recordsMs: 0, embedMs: 0, queryMs: 0, firstTokenMs: 0, tokenMs: 0 };
const realistic: Latencies = { recordsMs: 5, embedMs: 60, queryMs: 30, firstTokenMs: 400, tokenMs: 15 };

/** What nobody can do without: history beside the embedding, query, passages, the model's tokens, two writes of the turn. */
const idealFirstText =
  Math.max(realistic.recordsMs, realistic.embedMs) + realistic.queryMs + realistic.recordsMs + realistic.firstTokenMs;
const idealWhole = idealFirstText + (ANSWER_PIECES.length - 1) * realistic.tokenMs + 2 * realistic.recordsMs;

/** What bench/chat-process.mjs prints. */
interface Run {
  readonly cold: { readonly ms: number; readonly cpuMs: number; readonly peakMiB: number };
  readonly warm: {
    readonly cpuMs: number;
    readonly peakMiB: number;
    readonly answers: readonly { readonly firstTextMs: number; readonly wholeMs: number }[];
  };
}

interface Row {
  readonly folder: string;
  readonly loaded: Run[];
  readonly realistic: Run[];
}

async function run({ folder }: Row, services: ChatServices, count: number): Promise<Run> {
  const first = JSON.stringify({ message: QUESTION });
  // From the conversation's beginning: its history is read, and there is nothing to condense.
  const next = JSON.stringify({ message: QUESTION, conversationId: CONVERSATION_ID, parentTurnId: null });
  const args = [join(import.meta.dirname, 'chat-process.mjs'), join(folder, 'index.mjs'), next, first, String(count)];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    maxBuffer: 100_000_000,
    env: {
      ...chatEnvironment,
      MIN_EVIDENCE: '0',
      AWS_ENDPOINT_URL: services.url,
      PINECONE_INDEX_HOST: services.url,
      UPKEEP_QUEUE_URL: `${services.url}/queue`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
      AWS_LAMBDA_FUNCTION_NAME: 'chat',
      POWERTOOLS_METRICS_NAMESPACE: 'Groundwork',
      POWERTOOLS_SERVICE_NAME: 'chat',
    },
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''); // our own program's
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const medianOf = (values: readonly number[]) => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN;

function print(figure: string, unit: string, rows: readonly Row[], valuesOf: (row: Row) => readonly number[]): void {
  const [groundwork, peer] = rows.map(row => medianOf(valuesOf(row)));
  const cells = rows.map(row => {
    const all = sorted(valuesOf(row));
    const [low, middle, high] = [all[0] ?? 0, medianOf(all), all.at(-1) ?? 0].map(value => value.toFixed(1));
    return (low === high ? `${middle}` : `${middle} (${low} to ${high})`).padEnd(24);
  });
  const ratio = ((groundwork ?? 0) / (peer ?? 1)).toFixed(2);
  console.log(`${`${figure}, ${unit}`.padEnd(38)} ${cells.join(' ')} ${ratio}`);
}

/** Sizes in KiB of what the handler's folder holds: in all, and gzipped. */
async function sizesOf(folder: string): Promise<{ whole: number; gzipped: number }> {
  const names = (await readdir(folder)).filter(name => name.endsWith('js'));
  const files = await Promise.all(names.map(name => readFile(join(folder, name))));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0) / 1_024;
  return { whole: sum(files.map(file => file.length)), gzipped: sum(files.map(file => gzipSync(file).length)) };
}

async function measure(rows: readonly Row[], services: ChatServices): Promise<void> {
  const turns = (round: number) => (round % 2 === 0 ? rows : rows.toReversed());
  for (let round = 0; round < rounds; round += 1)
    for (const row of turns(round)) row.loaded.push(await run(row, services, questions));
  services.latencies = realistic;
  for (let round = 0; round < realisticRounds; round += 1)
    for (const row of turns(round)) row.realistic.push(await run(row, services, realisticQuestions));
  services.latencies = zero;
}

const load = () => loadavg().map(value => value.toFixed(1));
const scratch = await mkdtemp(join(tmpdir(), 'groundwork-bench-'));
const services = await startChatServices();
try {
  const folders = [
    await buildBundle(root, scratch, 'chat'),
    await bundle(root, join(scratch, 'peer'), { index: 'bench/chat-peer.ts' }),
  ];
  const rows = folders.map((folder): Row => ({ folder, loaded: [], realistic: [] }));
  console.log(`Node ${process.version}, ${rounds} rounds of ${questions} questions; load before ${load().join(', ')}`);
  await measure(rows, services);
  console.log(`load after ${load().join(', ')}; medians, lowest to highest`);
  console.log(`${''.padEnd(38)} ${'Groundwork'.padEnd(24)} ${'peer'.padEnd(24)} ratio`);

  const sizes = new Map(await Promise.all(rows.map(async row => [row, await sizesOf(row.folder)] as const)));
  print('bundle', 'KiB', rows, row => [sizes.get(row)?.whole ?? 0]);
  print('bundle, gzipped', 'KiB', rows, row => [sizes.get(row)?.gzipped ?? 0]);
  print('cold start to the first answer', 'ms', rows, row => row.loaded.map(({ cold }) => cold.ms));
  print('  processor time of it', 'ms', rows, row => row.loaded.map(({ cold }) => cold.cpuMs));
  print('  peak memory until then', 'MiB', rows, row => row.loaded.map(({ cold }) => cold.peakMiB));
  print('processor time a warm question', 'ms', rows, row => row.loaded.map(({ warm }) => warm.cpuMs));
  print('peak memory', 'MiB', rows, row => row.loaded.map(({ warm }) => warm.peakMiB));
  const answersOf = (row: Row) => row.realistic.flatMap(({ warm }) => warm.answers);
  print(`first text over ${idealFirstText} ms`, 'ms', rows, row =>
    answersOf(row).map(({ firstTextMs }) => firstTextMs - idealFirstText),
  );
  print(`whole answer over ${idealWhole} ms`, 'ms', rows, row =>
    answersOf(row).map(({ wholeMs }) => wholeMs - idealWhole),
  );
} finally {
  services.close();
  await rm(scratch, { recursive: true, force: true });
}
