import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SynthesisError, synthesize } from '../../cli/synthesize.ts';

/** Writes the assembly of a stack without resources, and what it saw of the environment. */
const APP = `
import { mkdirSync, writeFileSync } from 'node:fs';
const out = process.env.CDK_OUTDIR;
mkdirSync(out, { recursive: true });
const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 't.json' } };
writeFileSync(out + '/manifest.json', JSON.stringify({ artifacts: { Sample: stack } }));
writeFileSync(out + '/t.json', '{"Resources":{}}');
writeFileSync(out + '/seen.json', JSON.stringify(Object.keys(process.env)));
`;
let root: string;
let assembly: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'synthesize-'));
  assembly = join(root, 'state', 'cdk.out');
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'cdk.json'), '{"context":{}}');
  app(APP);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});
const app = (source: string) => writeFileSync(join(root, 'bin', 'groundwork.ts'), source);
const run = () => synthesize({ root, assembly, stage: 'dev' });

it('synthesizes again only when the app changed, or what it made is damaged', async () => {
  expect([await run(), await run()]).toEqual([true, false]);
  app(`${APP}// changed`);
  expect([await run(), await run()]).toEqual([true, false]);
  writeFileSync(join(assembly, 't.json'), '{');
  expect([await run(), await run()]).toEqual([true, false]);
});

it('lets nothing of the AWS settings of the person reach the app', async () => {
  vi.stubEnv('AWS_PROFILE', 'somebody');
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', '123456789012');
  await run();
  const seen: string[] = JSON.parse(readFileSync(join(assembly, 'seen.json'), 'utf8'));
  expect(seen.filter(name => /^(?:AWS|CDK)_/.test(name)).sort()).toEqual([
    'CDK_CONTEXT_JSON',
    'CDK_OUTDIR',
    'CDK_VALIDATION',
  ]);
});

it('says in one line why the app failed, and keeps what was made before', async () => {
  await run();
  app('throw new TypeError("there is no bucket");');
  const failure = await run().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SynthesisError);
  const log = join(root, 'state', 'synthesis.log');
  expect(String((failure as Error).message)).toBe(
    `The stack could not be synthesized: TypeError: there is no bucket (all of it: ${log})`,
  );
  expect(readFileSync(log, 'utf8')).toContain('at ');
  expect(readFileSync(join(assembly, 't.json'), 'utf8')).toBe('{"Resources":{}}');
});
