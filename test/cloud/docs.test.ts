import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksIn, guides, isCommand } from '../docs/blocks.ts';
import { type Stack, startStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
/** All that stand without a mark; test/docs/commands.test.ts sees to the others. */
const blocks = guides.flatMap(blocksIn).filter(block => isCommand(block) && block.words.length === 0);

let stack: Stack;
/** The repository as it is, with a reader's own files in it. */
let clone: string;
beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), 'groundwork-docs-'));
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const path of String(listed).split('\n').filter(Boolean)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    cpSync(join(root, path), join(clone, path), { dereference: true });
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  cpSync(join(root, 'samples/handbook'), join(clone, 'handbook'), { recursive: true });
  cpSync(join(root, 'samples/handbook/travel-and-expenses.pdf'), join(clone, 'reports/2026/travel.pdf'));
  stack = await startStack();
});
afterAll(async () => {
  await stack?.close();
  rmSync(clone, { recursive: true, force: true });
});

describe('the commands of the guides', () => {
  it.each(blocks.map(block => [block.where, block.text] as const))(
    '%s',
    async (_where, text) => {
      const { code, output } = await shell(text);
      expect({ code, output }).toEqual({ code: 0, output: expect.anything() });
      expect(output).not.toMatch(/"type":"\/problems\//); // curl is content with any answer
    },
    400_000,
  ); // a synthesis takes a while
});

async function shell(script: string): Promise<{ code: number | null; output: string }> {
  const { restUrl, apiKey } = stack.endpoint;
  const env = {
    ...{ PATH: process.env.PATH, HOME: clone, CI: process.env.CI, npm_config_update_notifier: 'false' },
    ...{ URL: restUrl, KEY: apiKey, GROUNDWORK_URL: restUrl, GROUNDWORK_API_KEY: apiKey },
  };
  const child = spawn('bash', ['-eu', '-o', 'pipefail', '-c', script], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => (output += data));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, output };
}
