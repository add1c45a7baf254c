import { Client } from './client.ts';
import { type Command, commonOptions } from './command.ts';
import { CommandError, EXIT } from './command-error.ts';
import { commands } from './commands.ts';
import { INTERRUPTED, interruption } from './interruption.ts';
import { Output } from './output.ts';
import { parseArguments, UsageError } from './parse-arguments.ts';
import { createProgress } from './progress.ts';
import { findTarget, type TargetOptions } from './target.ts';

const commonHelp = `
Every command:
  --url URL    a Groundwork at this address (default: $GROUNDWORK_URL, or the login)
  --local      the one that npm start runs
  --state DIR  the one that npm start runs with this state folder
  --stage NAME the deployed one of this stage, found with your AWS credentials
  --aws        call it with AWS credentials, whatever login or GROUNDWORK_API_KEY there is
  --json       results as lines of JSON, and nothing else on stdout
  --help       this text
`;

const summaries = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(14)} ${summary}`);
const help = `Usage: groundwork <command> [options]

${summaries.join('\n')}
${commonHelp}
groundwork <command> --help tells more. docs/command-line.md lists exit statuses and variables.
`;

async function main([name, ...args]: readonly string[], signal: AbortSignal): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help);
    return name === undefined ? EXIT.usage : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command "${name}".`);
  const { values, positionals } = parseArguments(args, { ...command.options, ...commonOptions }, true);
  if (values.help) {
    process.stdout.write(`${command.help}${commonHelp}`);
    return 0;
  }
  return run(command, values, positionals, signal);
}

function run(
  command: Command,
  values: ReturnType<typeof parseArguments>['values'],
  positionals: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { env } = process;
  const targetOptions = values as TargetOptions; // parsed by commonOptions
  const progress = createProgress(process.stderr, env);
  let client: Promise<Client> | undefined;
  return command.run({
    ...{ env, signal, targetOptions, values, positionals, progress },
    output: new Output(values.json === true, process.stdout, process.stderr, env, progress.aside),
    client: () => {
      client ??= findTarget(targetOptions, env).then(target => new Client(target, signal));
      return client;
    },
  });
}

function report(error: unknown, args: readonly string[]): number {
  if (error instanceof CommandError) {
    console.error(error.message);
    return error.exitCode;
  }
  if (error instanceof UsageError) {
    const [name = ''] = args;
    console.error(`${error.message} See groundwork ${Object.hasOwn(commands, name) ? `${name} ` : ''}--help`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`Something unexpected went wrong.\n${text}`);
  return EXIT.failed;
}

const signal = interruption();
const args = process.argv.slice(2);
try {
  process.exitCode = await main(args, signal);
} catch (error) {
  process.exitCode = signal.aborted ? INTERRUPTED : report(error, args);
}
