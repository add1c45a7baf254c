import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { defineCommand } from '../command.ts';
import { UsageError } from '../parse-arguments.ts';

const root = join(import.meta.dirname, '..', '..');

export const evaluate = defineCommand({
  summary: 'measure the quality of answers on a set of questions',
  help: `Usage: groundwork eval [options]

Ingests the documents of a set, asks its questions, and reports retrieval, citations, refusals, tokens and cost, on a
local cloud of its own; with --local or --state on the one that npm start runs. Fails when a figure fell below the
baseline. docs/evaluation.md tells more; with --json stdout has the figures alone.

  --set DIR           the set (default: eval/sets/handbook)
  --endpoints FILE    another running Groundwork, as endpoints.json describes one
  --out DIR           where the report goes (default: dist/eval)
  --baseline FILE     figures to hold (default: baseline.json of the set)
  --update-baseline   write the baseline instead of holding it
  --concurrency N     questions at a time (default 4)
  --outside N         most questions asked of another subject's documents (default 300)
`,
  options: {
    set: { type: 'string' },
    endpoints: { type: 'string' },
    out: { type: 'string' },
    baseline: { type: 'string' },
    'update-baseline': { type: 'boolean' },
    concurrency: { type: 'string' },
    outside: { type: 'string' },
  },
  async run({ values, targetOptions, output, signal }) {
    const { url, stage, local, state = join(root, '.groundwork') } = targetOptions;
    if (url !== undefined || stage !== undefined) {
      throw new UsageError('A set is put into the bucket itself: describe a deployed one in a file for --endpoints.');
    }
    const isRunning = local === true || targetOptions.state !== undefined;
    const endpoints = values.endpoints ?? (isRunning ? join(state, 'endpoints.json') : undefined);
    const named: Given = { ...pick(values), endpoints };
    const given = Object.entries(named).filter(([, value]) => value !== undefined);
    const args = given.map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`));
    // In a process of its own: it reads its own arguments, and is what npm run eval runs.
    const main = join(root, 'eval', 'main.ts');
    const child = spawn(process.execPath, [main, ...args, ...(output.json ? ['--json'] : [])], { stdio: 'inherit' });
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop);
    const [code] = await once(child, 'close');
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
    return typeof code === 'number' ? code : 1;
  },
});

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** Its own options, without those that all commands have. */
function pick(values: Given): Given {
  const names = ['set', 'out', 'baseline', 'update-baseline', 'concurrency', 'outside'];
  return Object.fromEntries(names.map(name => [name, values[name]]));
}
