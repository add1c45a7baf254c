import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';

/** The command line cannot be understood; the message says why in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function parseArguments<const Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  allowPositionals = false,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals });
  } catch (error) {
    const isUsage = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
    if (!isUsage) throw error;
    // Only the first sentence is about what was typed; the rest explains argument parsing.
    throw new UsageError(`${error.message.split(/\.(?:\s|$)/)[0]}.`);
  }
}

/** @param name as people type it, e.g. `--top-k` @throws UsageError */
export function parseCount(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a number from ${least} to ${most}, not "${text}".`);
}
