import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { describeWithData } from '../support/test-data.ts';
import { type Answer, completed, type Stack, startStack } from './support/stack.ts';

const question = z.object({
  id: z.string(),
  question: z.string(),
  relevantIds: z.array(z.string()),
  answerable: z.boolean(),
});

const chunkPage = z.object({
  chunks: z.array(z.object({ chunkId: z.string(), text: z.string() })),
  cursor: z.string().optional(),
});

const files = /\.(md|html|pdf|docx|pptx|xlsx|csv)$/;

/** The main job on a corpus of real documents: every one is read, and questions are answered from the right one. */
describeWithData('a corpus of real documents', folder => {
  const corpus = join(folder, 'docs');
  let stack: Stack;
  let names: string[];
  let asked: { id: string; answerable: boolean; relevantIds: string[]; answer: Answer }[];

  beforeAll(async () => {
    stack = await startStack();
    names = (await readdir(corpus, { recursive: true })).filter(
      name => name.includes('/') && files.test(name), // the folder's own README is not of the corpus
    );
    await pMap(
      names,
      async name => {
        const body = await readFile(join(corpus, name));
        await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: `documents/${name}`, Body: body }));
      },
      { concurrency: 8 },
    );
    await stack.waitForDocuments(completed(names.map(name => `documents/${name}`)), 150_000);

    const lines = (await readFile(join(corpus, 'questions.jsonl'), 'utf8')).trim().split('\n');
    const questions = lines.map(line => question.parse(JSON.parse(line)));
    asked = await pMap(
      questions,
      async ({ question: message, ...rest }) => ({ ...rest, answer: await stack.ask({ message }) }),
      { concurrency: 4 },
    );
  }, 240_000);
  afterAll(() => stack?.close());

  it('is read whole', async () => {
    const documents = await stack.documents();
    expect(names).toHaveLength(71);
    expect(documents.map(({ key }) => key).sort()).toEqual(names.map(name => `documents/${name}`).sort());
    expect(documents.filter(({ status, chunkCount }) => status !== 'COMPLETED' || chunkCount < 1)).toEqual([]);
  });

  it('answers at least 22 of the 24 answerable questions from the right document', () => {
    const answerable = asked.filter(({ answerable }) => answerable);
    const wrong = answerable.filter(
      ({ relevantIds, answer }) =>
        !answer.citations.some(({ key }) => relevantIds.includes(key.slice('documents/'.length))),
    );
    expect(answerable).toHaveLength(24);
    expect(wrong.map(({ id }) => id).slice(2), `missed: ${wrong.map(({ id }) => id)}`).toEqual([]);
  });

  it('refuses at least 3 of the 4 questions that it does not answer, and cites nothing then', () => {
    const unanswerable = asked.filter(({ answerable }) => !answerable);
    const answered = unanswerable.filter(({ answer }) => !answer.refused);
    expect(unanswerable).toHaveLength(4);
    expect(answered.map(({ id }) => id).slice(1), `answered: ${answered.map(({ id }) => id)}`).toEqual([]);
    expect(asked.filter(({ answer }) => answer.refused && answer.citations.length > 0)).toEqual([]);
  });

  it('quotes what the document holds, word for word', async () => {
    const citations = asked.flatMap(({ answer }) => answer.citations);
    expect(citations.length).toBeGreaterThan(20);
    const texts = await textsOf(new Set(citations.map(({ documentId }) => documentId)));
    expect(citations.filter(({ chunkId, quote }) => !texts.get(chunkId)?.includes(quote))).toEqual([]);
  });

  /** The text of every chunk of these documents, by chunk id. */
  async function textsOf(documentIds: ReadonlySet<string>): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    for (const documentId of documentIds) {
      let cursor = '';
      do {
        const page = await stack.request(`documents/${documentId}/chunks?limit=100${cursor && `&cursor=${cursor}`}`);
        const body = chunkPage.parse(await page.json());
        for (const { chunkId, text } of body.chunks) texts.set(chunkId, text);
        cursor = body.cursor ?? '';
      } while (cursor);
    }
    return texts;
  }
});
