import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chunkDocument } from '../../lambdas/ingest/chunk.ts';
import type { Block, BlockPlace } from '../../lambdas/ingest/parse/block.ts';
import { parse } from '../../lambdas/ingest/parse/parse.ts';
import { describeWithData } from '../support/test-data.ts';

/** As the test data's README compares: NFKC, white space folded. */
const comparable = (text: string) => text.normalize('NFKC').replace(/\s+/gu, ' ');

const folders = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name);

const documents = new Map<string, ReturnType<typeof parse>>();
/** Read once, however many facts are looked for in it. */
function documentAt(path: string): ReturnType<typeof parse> {
  const known = documents.get(path);
  if (known) return known;
  const reading = parse(readFileSync(path), path);
  documents.set(path, reading);
  return reading;
}

const texts = new Map<string, string>();
async function textOf(path: string): Promise<string> {
  const text = texts.get(path) ?? textOfBlocks((await documentAt(path)).blocks);
  texts.set(path, text);
  return text;
}

interface Question {
  readonly id: string;
  readonly answers: readonly string[];
  readonly relevantIds: readonly string[];
}

describeWithData('the demo corpus', folder => {
  const docs = join(folder, 'docs');
  const files = folders(docs).flatMap(name => readdirSync(join(docs, name)).map(file => `${name}/${file}`));
  const questions = readFileSync(join(docs, 'questions.jsonl'), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Question);

  it('is there', () => expect(files).toHaveLength(71));

  it.for(files)('%s is read, with no markup left over', async file => {
    const text = await textOf(join(docs, file));
    expect(text.length).toBeGreaterThan(300);
    if (file.endsWith('.md')) expect(text).not.toMatch(/<a name=|[a-z]\\\. [A-Z]/);
  });

  it.for(questions.filter(question => question.answers.length > 0))(
    'the answers of $id are in its documents',
    async ({ answers, relevantIds }) => {
      const read = await Promise.all(relevantIds.map(id => textOf(join(docs, id))));
      for (const answer of answers)
        expect(
          read.some(text => text.includes(comparable(answer))),
          answer,
        ).toBe(true);
    },
  );
});

interface Fact {
  readonly text: string;
  readonly page?: number;
  readonly slide?: number;
  readonly sheet?: string;
}

interface ValidFile {
  readonly path: string;
  readonly format: string;
  readonly facts: readonly Fact[];
}

/** Formats that the content alone tells. */
const needsNoName = new Set('pdf docx xlsx pptx odt ods epub doc xls ppt msg rtf eml html xml json'.split(' '));

describeWithData('valid files of many programs', folder => {
  const manifest = JSON.parse(readFileSync(join(folder, 'files/manifest.json'), 'utf8')) as { files: ValidFile[] };

  it('are all there, each with facts', () => {
    expect(manifest.files).toHaveLength(62);
    expect(manifest.files.reduce((sum, file) => sum + file.facts.length, 0)).toBe(161);
  });

  it('are of the formats that their folders say', async () => {
    const misses: Record<string, string> = {};
    for (const { path, format } of manifest.files) {
      const bytes = readFileSync(join(folder, 'files', path));
      const found = (await parse(bytes, basename(path, extname(path)))).format; // without its extension, where one is not needed
      if (needsNoName.has(format) && found !== format) misses[path] = found;
    }
    expect(misses).toEqual({});
  });

  describe.for(manifest.files)('$path', file => {
    it.for(file.facts)('holds "$text"', async fact => {
      const path = join(folder, 'files', file.path);
      const { blocks } = await documentAt(path);
      const here = blocks.filter(block => standsAt(block.place, fact));
      expect(here.length).toBeGreaterThan(0);
      expect(textOfBlocks(here)).toContain(comparable(fact.text));
    });
  });
});

/** A fact names no place where its file is read as a whole. */
const standsAt = (place: BlockPlace, { page, slide, sheet }: Fact) =>
  (page ?? place.page) === place.page &&
  (slide ?? place.slide) === place.slide &&
  (sheet ?? place.sheet) === place.sheet;

/** Cleaned as it will be indexed. */
function textOfBlocks(blocks: readonly Block[]): string {
  return comparable(chunkDocument({ blocks }, { targetTokens: 1_000, overlapTokens: 200 }).text);
}
