import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** A fenced block of a guide. */
export interface Block {
  /** `docs/deploy.md:14` */
  readonly where: string;
  readonly language: string;
  /** What else stands after the language; readers of the page do not see it. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Of the README and of the guides, in their order. */
export const guides: readonly string[] = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()];

export function blocksIn(path: string): Block[] {
  const text = readFileSync(join(root, path), 'utf8');
  return [...text.matchAll(/^( *)```([^\n]*)\n(.*?)^\1```$/gms)].map(([, , info = '', content = '']) => {
    const [language = '', ...words] = info.trim().split(/\s+/);
    const line = text.slice(0, text.indexOf(`\`\`\`${info}\n${content}`)).split('\n').length;
    return { where: `${path}:${line}`, language, words, text: content };
  });
}

/** Commands are written in these only, so that none is missed. */
export const isCommand = ({ language }: Block): boolean => /^(sh|bash|shell|console|zsh)$/.test(language);
