import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey } from '../../../cli/own-key.ts';
import type { FaultPlanInput } from '../../../local/faults/plan.ts';
import { assembly } from './assembly.ts';
import { connect, PINECONE_SECRET, type StackAccess, type StackEndpoint } from './stack.ts';

const MAIN = join(import.meta.dirname, '..', '..', '..', 'local', 'main.ts');
const START_MS = 60_000;
const KEPT_LINES = 2_000;

/** Groundwork on a local cloud in a process of its own, that can die and start again with its state. */
export interface StackProcess extends StackAccess {
  /** `SIGKILL` ends it on the spot, `SIGTERM` in order. Resolves when it is gone. */
  stop(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again, on the same port. */
  start(faults?: FaultPlanInput): Promise<void>;
}

/** @param folder for its state and its plan of faults */
export async function startStackProcess(folder: string, faults: FaultPlanInput = {}): Promise<StackProcess> {
  const logs: string[] = [];
  let running = await run(folder, 0, faults, logs);
  const apiKey = await makeKey('test', running.endpoint);
  const access = connect({ ...running.endpoint, apiKey }, logs);
  return {
    ...access,
    async stop(signal) {
      const ended = once(running.child, 'close');
      running.child.kill(signal);
      await ended;
    },
    async start(plan = {}) {
      running = await run(folder, Number(new URL(running.endpoint.url).port), plan, logs);
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly endpoint: Omit<StackEndpoint, 'apiKey'>;
}

async function run(folder: string, port: number, faults: FaultPlanInput, logs: string[]): Promise<Running> {
  const plan = join(folder, 'faults.json');
  writeFileSync(plan, JSON.stringify(faults));
  const options = ['--port', String(port), '--state', join(folder, 'state'), '--faults', plan, '--processes', '14'];
  const secret = Object.entries(PINECONE_SECRET).map(([name, value]) => `${name}=${value}`);
  const child = spawn(process.execPath, [MAIN, assembly, ...options, '--secret', ...secret]);
  let printed = '';
  const { promise, resolve, reject } = Promise.withResolvers<Running>();
  const read = (data: Buffer) => {
    const lines = String(data).split('\n').filter(Boolean);
    logs.push(...lines);
    logs.splice(0, logs.length - KEPT_LINES);
    if (isWhole(printed)) return;
    printed += data;
    if (isWhole(printed)) resolve({ child, endpoint: endpointIn(printed) });
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('exit', code => reject(new Error(`The local cloud ended with ${code}: ${printed}`)));
  const timer = setTimeout(() => reject(new Error(`The local cloud did not start: ${printed}`)), START_MS);
  try {
    return await promise;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Outputs are printed at once, in an order of their own. */
const isWhole = (printed: string) => ['Endpoint', 'RestUrl', 'BucketName'].every(name => valueIn(printed, name) !== '');

const valueIn = (printed: string, name: string) => new RegExp(`^${name}: (\\S+)$`, 'm').exec(printed)?.[1] ?? '';

function endpointIn(printed: string): Running['endpoint'] {
  return {
    url: valueIn(printed, 'Endpoint'),
    restUrl: valueIn(printed, 'RestUrl'),
    bucket: valueIn(printed, 'BucketName'),
    region: 'us-east-1',
  };
}
