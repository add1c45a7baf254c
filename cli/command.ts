import type { ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Client } from './client.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import type { TargetOptions } from './target.ts';

/** Options that every command takes. */
export const commonOptions = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  url: { type: 'string' },
  local: { type: 'boolean' },
  state: { type: 'string' },
  stage: { type: 'string' },
  aws: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

/** What a command is given by the program around it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
  /** On stderr, so that the result can be piped. */
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly targetOptions: TargetOptions;
  /** The Groundwork to work on, looked for when it is first asked for. @throws CommandError when there is none */
  client(): Promise<Client>;
}

type Values<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>['values'];

export interface Call<Options extends ParseArgsOptionsConfig> extends Surroundings {
  readonly values: Values<Options>;
  readonly positionals: readonly string[];
}

export interface Command<Options extends ParseArgsOptionsConfig = ParseArgsOptionsConfig> {
  /** A line of the list of commands. */
  readonly summary: string;
  /** `Usage: …` and what it does, with its own options. */
  readonly help: string;
  readonly options: Options;
  /** @returns the exit status */
  run(call: Call<Options>): Promise<number>;
}

/** Lets the values have the types that the options give them. */
export const defineCommand = <const Options extends ParseArgsOptionsConfig>(command: Command<Options>): Command =>
  command as unknown as Command; // whoever runs it parses by these very options
