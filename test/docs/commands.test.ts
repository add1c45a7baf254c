import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blocksIn, guides, isCommand } from './blocks.ts';

const root = join(import.meta.dirname, '../..');
const blocks = guides.flatMap(blocksIn);
const commands = blocks.filter(isCommand);

/**
 * A block of commands is run by test/cloud/docs.test.ts as it stands. Otherwise its info string says why not: `aws`, which
 * its reader sees too, or `test=…`, the file that runs these commands.
 */
describe('commands of the guides', () => {
  it('are many, and stand in blocks that say their language', () => {
    expect(commands.length).toBeGreaterThan(15);
    expect(blocks.filter(({ language }) => language === '').map(({ where }) => where)).toEqual([]);
  });

  it.each(commands.map(block => [block.where, block] as const))('%s are run, or say why not', (_where, block) => {
    const { language, words, text } = block;
    expect(language).toBe('sh');
    expect(words.length).toBeLessThanOrEqual(1);
    const [word] = words;
    const needsAws = text.startsWith('# needs AWS\n');
    expect(needsAws).toBe(word === 'aws');
    if (word === undefined || word === 'aws') return;
    const [, file = ''] = /^test=(\S+)$/.exec(word) ?? [];
    expect(file).not.toBe('');
    expect(existsSync(join(root, file))).toBe(true);
  });

  it('ask for AWS nowhere without saying so', () => {
    const unmarked = commands.filter(({ words }) => !words.includes('aws'));
    const asking = /\baws |\bcdk (deploy|destroy|bootstrap|diff)\b|--stage\b|--aws\b/;
    expect(unmarked.filter(({ text }) => asking.test(text)).map(({ where }) => where)).toEqual([]);
  });
});
