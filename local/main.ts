/** Runs any synthesized stack: `node local/main.ts cdk.out --port 4566 --state .local-cloud`, until it is interrupted. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AssemblyError } from './assembly.ts';
import { startCloud } from './cloud.ts';
import type { MadeUpUser } from './cognito/model.ts';
import { TemplateError } from './deployer/intrinsics.ts';
import { type FaultPlan, FaultPlanError, parseFaultPlan } from './faults/plan.ts';
import { StateError } from './state.ts';

const usage =
  'Usage: node local/main.ts CDK_OUT [--port 4566] [--state FOLDER] [--region us-east-1] [--secret NAME=VALUE …] [--user JSON …] [--processes N] [--faults FILE]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '4566' },
      state: { type: 'string' },
      region: { type: 'string' },
      secret: { type: 'string', multiple: true, default: [] },
      user: { type: 'string', multiple: true, default: [] },
      faults: { type: 'string' },
      processes: { type: 'string' },
    },
  });
  const [assembly] = positionals;
  if (!assembly) throw new UsageError(usage);
  const { state, region, faults, processes } = values;
  const cloud = await startCloud({
    assembly,
    port: Number(values.port),
    secrets: Object.fromEntries(values.secret.map(splitSecret)),
    users: values.user.map(readUser),
    log: { line: (source, text) => console.log(`${source}: ${text}`) },
    ...(state !== undefined && { state }),
    ...(region !== undefined && { region }),
    ...(faults !== undefined && { faults: readFaults(faults) }),
    ...(processes !== undefined && { maxProcesses: Number(processes) }),
  });
  const keys = cloud.apiKeys.map(({ name, value }) => [`API key ${name}`, value]);
  console.log(`Recorded, not emulated: ${cloud.recorded.join(', ') || 'nothing'}`);
  for (const [name, value] of [['Endpoint', cloud.url], ...Object.entries(cloud.outputs), ...keys]) {
    console.log(`${name}: ${value}`);
  }
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await cloud.close();
}

class UsageError extends Error {}

function splitSecret(secret: string): [string, string] {
  const at = secret.indexOf('=');
  if (at < 1) throw new UsageError(usage);
  return [secret.slice(0, at), secret.slice(at + 1)];
}

const userSchema: z.ZodType<MadeUpUser> = z.strictObject({
  username: z.string().min(1),
  password: z.string().min(1),
  name: z.string().optional(),
  email: z.string().optional(),
  groups: z.array(z.string()).optional(),
  attributes: z.record(z.string(), z.string()).optional(),
});

function readUser(text: string): MadeUpUser {
  try {
    return userSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--user cannot be read: ${error.message}`);
    if (!(error instanceof z.ZodError)) throw error;
    const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new UsageError(`--user cannot be read: ${faults.join('; ')}`);
  }
}

function readFaults(file: string): FaultPlan {
  try {
    return parseFaultPlan(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof FaultPlanError) throw error;
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the person at the keyboard can mend is said in its own words; anything else shows where it came from. */
function isExpected(error: unknown): error is Error {
  if ([AssemblyError, FaultPlanError, StateError, TemplateError].some(kind => error instanceof kind)) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return error instanceof UsageError || code === 'EADDRINUSE' || code.startsWith('ERR_PARSE_ARGS_');
}

try {
  await main();
} catch (error) {
  console.error(isExpected(error) ? error.message : error);
  process.exitCode = 1;
}
