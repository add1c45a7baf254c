/**
 * Writes lambdas/lexical/stop-word-lists.ts from the package `stopword`: after an update of it, or for a further language.
 *
 *     npm run stop-words
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as languages from 'stopword';

/** Those whose stop words are left out of account in questions. */
const CHOSEN =
  'ara ces dan deu ell eng fin fra heb hin hun ind ita jpn kor nld nob pol por ron rus spa swe tha tur ukr vie zho';
const LINE = 118;
const LATIN = /^[\p{ASCII}\u0080-\u024f\u1e00-\u1eff]/u;

export const chosenWords = (): string[] =>
  CHOSEN.split(' ')
    .flatMap(language => (languages as Readonly<Record<string, readonly string[]>>)[language] ?? [])
    .map(word => word.normalize('NFKC').toLowerCase())
    .filter(word => !/\s/.test(word)); // no word of a question has a blank in it

/** Words as lines of a template literal, sorted, each once. */
function linesOf(words: readonly string[]): string {
  const lines = [''];
  for (const word of [...new Set(words)].sort()) {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.length > LINE) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join('\n').replaceAll(/[\\`]|\$(?=\{)/g, '\\$&');
}

export function stopWordLists(): string {
  const words = chosenWords();
  const isLatin = (word: string) => LATIN.test(word);
  return `/**
 * Stop words of ${CHOSEN.split(' ').length} languages, lower case, parted by blanks. Written by scripts/stop-words.ts from the npm package
 * \`stopword\` (MIT License, copyright Fergus McDowall): texts, because lists take a cold start longer to load.
 */
export const latinStopWords = \`
${linesOf(words.filter(isLatin))}
\`;

/** Those that begin with no Latin letter. */
export const otherStopWords = \`
${linesOf(words.filter(word => !isLatin(word)))}
\`;
`;
}

if (import.meta.main) {
  await writeFile(join(import.meta.dirname, '../lambdas/lexical/stop-word-lists.ts'), stopWordLists());
}
