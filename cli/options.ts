import { resolve } from 'node:path';
import { parseArguments, parseCount } from './parse-arguments.ts';

export interface StartOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** The folder that keeps everything between starts. */
  readonly state: string;
  readonly stage: string;
  readonly reset: boolean;
  readonly samples: boolean;
  readonly verbose: boolean;
}

export const help = `Usage: npm start -- [options]

Synthesizes the stack, runs it on this machine, and ingests the sample documents. No AWS account is used.

  --port N       port to listen on, 0 for any free one (default: $PORT, or else 4566)
  --state DIR    folder that keeps everything between starts (default: .groundwork)
  --stage NAME   stage of cdk.json (default: dev)
  --reset        start clean: empties the state folder first
  --no-samples   do not ingest the sample documents
  --verbose      show every line that functions log
  --help         this text

In the state folder:
  endpoints.json      addresses, bucket and API key, while the stack runs
  data/logs/*.log     all that each function logged, at most 2 MB a function
  synthesis.log       what the last synthesis printed

NO_COLOR, or an output that is no terminal, gives plain lines.
Exit status: 0 stopped, 1 could not start, 2 wrong options, 130 interrupted before it was ready.
`;

/** @returns undefined when help was asked for @throws UsageError */
export function parseStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions | undefined {
  const { values } = parseArguments(args, {
    port: { type: 'string' },
    state: { type: 'string' },
    stage: { type: 'string' },
    reset: { type: 'boolean' },
    'no-samples': { type: 'boolean' },
    verbose: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) return undefined;
  return {
    port: values.port === undefined ? portOf('PORT', env.PORT || '4566') : portOf('--port', values.port),
    state: resolve(values.state ?? '.groundwork'),
    stage: values.stage ?? 'dev',
    reset: values.reset ?? false,
    samples: !values['no-samples'],
    verbose: values.verbose ?? false,
  };
}

const portOf = (source: string, text: string): number => parseCount(source, text, 0, 65_535);
