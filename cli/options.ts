import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly port: number;
  /** The folder that keeps everything between starts. */
  readonly state: string;
  readonly stage: string;
  readonly reset: boolean;
  readonly samples: boolean;
  readonly verbose: boolean;
}

export const help = `Usage: npm start -- [options]

Synthesizes the stack, runs it on this machine, and ingests the sample documents.

  --port N       port to listen on (default 4566, or $PORT)
  --state DIR    folder that keeps everything between starts (default .groundwork)
  --stage NAME   stage of cdk.json (default dev)
  --reset        start clean: removes the state folder first
  --no-samples   do not ingest the sample documents
  --verbose      also show requests and function reports
  --help         this text
`;

/** What was asked for cannot be done; the message says why in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @returns undefined when help was asked for @throws UsageError */
export function parseStartOptions(args: readonly string[], env: NodeJS.ProcessEnv): StartOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const port = Number(values.port ?? env.PORT ?? 4566);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`The port must be a number from 0 to 65535, not "${values.port ?? env.PORT}".`);
  }
  return {
    port,
    state: resolve(values.state ?? '.groundwork'),
    stage: values.stage ?? 'dev',
    reset: values.reset ?? false,
    samples: !values['no-samples'],
    verbose: values.verbose ?? false,
  };
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
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}. See npm start -- --help.`);
  }
}
