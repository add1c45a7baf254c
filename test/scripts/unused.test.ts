import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findUnused } from '../../scripts/unused.ts';

describe('findUnused', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'groundwork-unused-'));
    await write({ 'package.json': { scripts: { start: 'node main.ts' } }, 'cdk.json': {}, 'tsconfig.json': {} });
  });
  afterEach(() => rm(root, { recursive: true }));

  async function write(files: Record<string, string | object>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  it('follows imports, re-exports, imports on demand and names of files in scripts, guides and code', async () => {
    await write({
      'main.ts':
        "import main, { type A, b as c } from './lib/a.ts';\nimport * as all from './lib/all.ts';\nimport './lib/effect.ts';\n",
      'lib/a.ts':
        "export interface A {}\nexport const b = 1;\nexport default 1;\nconst { later } = await import('./later.ts');\n",
      'lib/all.ts': "export const one = 1;\nexport { two } from './two.ts';\n",
      'lib/two.ts': 'export async function two() {}\n',
      'lib/effect.ts': "new Worker(new URL('./worker.ts', import.meta.url));\n",
      'lib/later.ts': 'export class later {}\n',
      'lib/worker.ts': 'export const handler = 1;\n',
      'test/a.test.ts': "import { help } from './help.ts';\n",
      'test/help.ts': 'export function* help() {}\n',
      'docs/guide.md': 'Measure it: `node tools/measure.ts`.\n',
      'tools/measure.ts': '',
    });
    expect(await findUnused(root)).toEqual({ files: [], exports: [], dependencies: [], undeclared: [] });
  });

  it('finds a file that nothing reaches, also when it reaches others', async () => {
    await write({ 'main.ts': '', 'old.ts': "import { a } from './older.ts';\n", 'older.ts': 'export const a = 1;\n' });
    expect((await findUnused(root)).files).toEqual(['old.ts', 'older.ts']);
  });

  it('finds every kind of export that no other file imports', async () => {
    await write({
      'main.ts': "import { used } from './lib.ts';\n",
      'lib.ts': [
        'export const used = 1;',
        'export const value = used;',
        'export async function call() {}',
        'export abstract class Thing {}',
        'export interface Shape {}',
        'const local = 1;',
        'export { local as renamed };',
        'export default 1;',
        '',
      ].join('\n'),
    });
    expect((await findUnused(root)).exports).toEqual(
      ['value', 'call', 'Thing', 'Shape', 'renamed', 'default'].map(name => `lib.ts: ${name}`),
    );
  });

  it('leaves a type alone that its own file names in a signature', async () => {
    await write({
      'main.ts': "import { call } from './lib.ts';\n",
      'lib.ts': 'export interface Options {}\nexport const call = (options: Options) => options;\n',
    });
    expect((await findUnused(root)).exports).toEqual([]);
  });

  it('finds dependencies that nothing imports, runs or needs for its types, and imports that are no dependency', async () => {
    const packages = ['imported', '@scope/deep', 'tool', '@types/node', '@types/global', '@types/typed', 'forgotten'];
    await write({
      'main.ts':
        "import 'imported';\nimport { a } from '@scope/deep/part';\nimport fs from 'node:fs';\nimport type { B } from 'typed';\nimport { c } from 'stranger';\n",
      'package.json': {
        scripts: { start: 'node main.ts', lint: 'check-it .' },
        devDependencies: Object.fromEntries(packages.map(name => [name, '*'])),
      },
      'tsconfig.json': { compilerOptions: { types: ['node'] } },
    });
    for (const name of packages) {
      await write({ [`node_modules/${name}/package.json`]: name === 'tool' ? { bin: { 'check-it': 'x' } } : {} });
    }
    expect(await findUnused(root)).toMatchObject({
      dependencies: ['@types/global', 'forgotten'],
      undeclared: ['stranger'],
    });
  });
});
