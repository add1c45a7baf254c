import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseSettings, type Settings } from '../../lib/settings.ts';
import { mayHaveCredentials } from '../aws-credentials.ts';
import { type Call, defineCommand } from '../command.ts';
import { EXIT } from '../command-error.ts';
import { examineAccount, examineNode, type Finding } from '../doctor/examine.ts';
import { meShape } from '../shapes.ts';

const root = join(import.meta.dirname, '..', '..');
const MARKS = { ok: '✓', problem: '✗', unknown: '?' } as const;
const STYLES = { ok: 'green', problem: 'red', unknown: 'yellow' } as const;

const options = { offline: { type: 'boolean' } } as const;

export const doctor = defineCommand({
  summary: 'look whether everything is right, and name the fix for what is not',
  help: `Usage: groundwork doctor [options]

Looks at Node, the settings in cdk.json, the AWS credentials and region, the bootstrap, access to the models and their
quotas, the Pinecone key and index, and the Groundwork that answers, before a deployment and after it. --stage chooses
whose settings (default dev).

  --offline   only what needs no network
`,
  options,
  async run(call) {
    const { output, values, env, progress } = call;
    const findings = [examineNode(process.version)];
    const { settings, finding } = await readSettings(call.targetOptions.stage ?? 'dev');
    findings.push(finding);
    if (!values.offline) {
      progress.step('Asking');
      if (settings) findings.push(...(await examineAws(settings, env)));
      findings.push(await examineApi(call));
      progress.done();
    }
    for (const finding of findings) {
      output.result(finding);
      output.line(`${MARKS[finding.state]} ${finding.check}: ${finding.detail}`, STYLES[finding.state]);
      if (finding.fix) output.line(`    fix: ${finding.fix}`);
    }
    return findings.some(({ state }) => state === 'problem') ? EXIT.failed : 0;
  },
});

async function readSettings(stage: string): Promise<{ settings?: Settings; finding: Finding }> {
  try {
    const cdk = z.object({ context: z.record(z.string(), z.unknown()) });
    const { context } = cdk.parse(JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')));
    const settings = parseSettings({ ...context, stage });
    return { settings, finding: { check: 'settings', state: 'ok', detail: `stage ${stage} of cdk.json` } };
  } catch (error) {
    const detail = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
    return {
      finding: { check: 'settings', state: 'problem', detail, fix: 'correct cdk.json: docs/deploy.md, Settings' },
    };
  }
}

async function examineAws(settings: Settings, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (!mayHaveCredentials(env)) {
    const detail = 'there are none; npm start needs none';
    return [{ check: 'AWS', state: 'unknown', detail, fix: 'to deploy: aws configure, aws sso login, or AWS_PROFILE' }];
  }
  const { awsAccount } = await import('../doctor/aws-account.ts'); // loaded on demand: the SDK takes a while
  const account = awsAccount();
  try {
    return await examineAccount(account, settings);
  } finally {
    account.close();
  }
}

/** None is no fault: before a deployment there is none. */
async function examineApi({ client, signal }: Call<typeof options>): Promise<Finding> {
  const check = 'Groundwork';
  try {
    const api = await client();
    const { version } = await api.get(z.looseObject({ version: z.string() }), { path: 'health' });
    const { name, userId, role } = await api.get(meShape, { path: 'me' });
    await api.get(z.looseObject({}), { path: 'documents', query: { limit: '1' } }); // to the records
    const { description } = api.target.identity;
    return { check, state: 'ok', detail: `version ${version} answers ${name ?? userId}, ${role}, by ${description}` };
  } catch (error) {
    signal.throwIfAborted();
    const detail = error instanceof Error ? error.message : String(error);
    const isNone = error instanceof Error && 'exitCode' in error && error.exitCode === EXIT.notFound;
    if (isNone) return { check, state: 'unknown', detail };
    return { check, state: 'problem', detail, fix: 'npm start, or groundwork login; the functions’ logs tell more' };
  }
}
