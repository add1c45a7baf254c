import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

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

/** The command line cannot be understood; the message says why in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns undefined when help was asked for @throws UsageError */
export function parseStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  return {
    port: values.port === undefined ? parsePort('PORT', env.PORT || '4566') : parsePort('--port', values.port),
    state: resolve(values.state ?? '.groundwork'),
    stage: values.stage ?? 'dev',
    reset: values.reset ?? false,
    samples: !values['no-samples'],
    verbose: values.verbose ?? false,
  };
}

function parsePort(source: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`${source} must be a number from 0 to 65535, not "${text}".`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        state: { type: 'string' },
        stage: { type: 'string' },
        reset: { type: 'boolean' },
        'no-samples': { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
    if (!isUsage) throw error;
    // Only the first sentence is about what was typed; the rest explains argument parsing.
    throw new UsageError(`${error.message.split(/\.(?:\s|$)/)[0]}.`);
  }
}
