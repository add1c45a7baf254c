import { SettingsError } from '../lib/settings.ts';
import { AssemblyError } from '../local/assembly.ts';
import { DeployError } from '../local/deployer/deploy.ts';
import { TemplateError } from '../local/deployer/intrinsics.ts';
import { StateError } from '../local/state.ts';
import { CommandError } from './command-error.ts';
import { UsageError } from './parse-arguments.ts';
import { PortError } from './port.ts';
import { SynthesisError } from './synthesize.ts';

const EXPECTED = [
  ...[SettingsError, AssemblyError, DeployError, TemplateError, StateError],
  ...[PortError, SynthesisError, CommandError],
];

export interface Failure {
  /** A line that says what to do; or, for a bug, the error with its stack. */
  readonly text: string;
  readonly exitCode: number;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof UsageError) return { text: `${error.message} See npm start -- --help`, exitCode: 2 };
  if (EXPECTED.some(type => error instanceof type)) return { text: (error as Error).message, exitCode: 1 };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Something unexpected went wrong.\n${text}`, exitCode: 1 };
}
