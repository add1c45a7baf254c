import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pMap from 'p-map';
import * as z from 'zod';
import { parse } from '../lambdas/ingest/parse/parse.ts';

/** Something to ask, and what a right answer would be. */
export interface Question {
  readonly id: string;
  readonly question: string;
  /** Spans of the documents that are accepted as the answer. */
  readonly answers: readonly string[];
  /** Documents that hold the answer. */
  readonly relevantIds: readonly string[];
  readonly language: string;
  /** `false`: the documents do not say, though the question may sound as if they did. */
  readonly answerable: boolean;
}

export interface SetDocument {
  readonly id: string;
  /** Its file name, with folders, as it is put into the bucket. */
  readonly name: string;
  readonly body: Uint8Array;
  /** Its text, which the keyword baseline ranks by. */
  readonly text: string;
  /** Documents of one subject lie in one folder; absent where the set names no subjects. */
  readonly subject?: string;
}

export interface EvaluationSet {
  readonly name: string;
  readonly questions: readonly Question[];
  readonly documents: readonly SetDocument[];
}

/** The set cannot be read; the message says which file and why. */
export class SetError extends Error {
  override readonly name = 'SetError';
}

const questionLine = z.looseObject({
  id: z.string(),
  question: z.string().min(1),
  answers: z.array(z.string()).default([]),
  relevantIds: z.array(z.string()).default([]),
  language: z.string().default('und'),
  answerable: z.boolean(),
});
const documentLine = z.looseObject({ id: z.string().min(1), title: z.string(), text: z.string() });
const manifest = z.strictObject({ documents: z.union([z.string(), z.record(z.string(), z.string())]) });

/** What a set may hold as files, when it has no `documents.jsonl`. */
const FILES = '**/*.{md,txt,html,pdf,docx,pptx,xlsx,csv}';

/**
 * Reads a set: a folder with `questions.jsonl`, and its documents as `documents.jsonl` (`id`, `title`, `text`), as files
 * beside it (a document's id is its path), or as the files of the folder that `set.json` names: `{ "documents": "…" }`.
 * It may name a folder for each subject, too, `{ "documents": { "handbook": "…" } }`: ids then begin with the subject.
 * @throws SetError
 */
export async function readSet(folder: string): Promise<EvaluationSet> {
  const questions = await readLines(join(folder, 'questions.jsonl'), questionLine);
  const name = resolve(folder).split(/[\\/]/).at(-1) ?? 'set';
  const lines = join(folder, 'documents.jsonl');
  const documents = existsSync(lines) ? await documentsOfLines(lines) : await documentsOfFiles(folder);
  if (documents.length === 0) throw new SetError(`${folder} holds no documents.`);
  return { name, questions, documents };
}

async function documentsOfLines(path: string): Promise<SetDocument[]> {
  const lines = await readLines(path, documentLine);
  return lines.map(({ id, title, text }) => ({
    id,
    name: `${folderOf(title)}/${id}.md`,
    body: new TextEncoder().encode(`# ${title}\n\n${text}\n`),
    text: `${title}\n${text}`,
    subject: folderOf(title),
  }));
}

async function documentsOfFiles(folder: string): Promise<SetDocument[]> {
  const link = join(folder, 'set.json');
  if (!existsSync(link)) return documentsIn(folder);
  const { documents } = manifest.parse(JSON.parse(await readFile(link, 'utf8')));
  if (typeof documents === 'string') return documentsIn(resolve(folder, documents));
  const subjects = Object.entries(documents);
  const found = await Promise.all(subjects.map(([subject, path]) => documentsIn(resolve(folder, path), subject)));
  return found.flat();
}

async function documentsIn(root: string, subject?: string): Promise<SetDocument[]> {
  const names = (await Array.fromAsync(glob(FILES, { cwd: root }))).filter(name => !/(^|\/)README\./.test(name));
  return pMap(
    names.sort(),
    async path => {
      const body = await readFile(join(root, path));
      const name = subject === undefined ? path : `${subject}/${path}`;
      return { id: name, name, body, text: await textOf(body, path), ...(subject !== undefined && { subject }) };
    },
    { concurrency: 4 },
  );
}

/** As ingestion reads it, so that the baseline lacks nothing that Groundwork sees. */
async function textOf(body: Uint8Array, path: string): Promise<string> {
  const { blocks } = await parse(body, path);
  return blocks.map(({ text }) => text).join('\n');
}

async function readLines<Line>(path: string, shape: z.ZodType<Line>): Promise<Line[]> {
  if (!existsSync(path)) throw new SetError(`${path} is missing.`);
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const parsed = shape.safeParse(parseJson(line));
    if (!parsed.success) throw new SetError(`${path}, line ${index + 1}: ${z.prettifyError(parsed.error)}`);
    return [parsed.data];
  });
}

/** @returns undefined, which no line may be, for what is no JSON */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const folderOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '') || 'untitled';
