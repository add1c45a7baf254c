import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdsAnswer } from '../../eval/measures.ts';
import { readSet, SetError } from '../../eval/set.ts';
import { describeWithData } from '../support/test-data.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-set-'));
});
afterEach(() => rm(folder, { recursive: true }));

const question = { id: '1', question: 'How high?', answers: ['40 m'], relevantIds: ['a.md'], answerable: true };
const write = async (name: string, ...lines: object[]) => {
  await mkdir(join(folder, name, '..'), { recursive: true });
  await writeFile(join(folder, name), lines.map(line => JSON.stringify(line)).join('\n'));
};

describe('reading a set', () => {
  it('takes documents from lines, a folder for each title', async () => {
    await write('questions.jsonl', question);
    await write('documents.jsonl', { id: 'a', title: 'The Tower!', text: 'It is 40 m high.', language: 'en' });
    const { documents, questions } = await readSet(folder);
    expect(questions).toMatchObject([{ id: '1', language: 'und' }]);
    expect(documents).toMatchObject([{ id: 'a', name: 'the-tower/a.md', subject: 'the-tower' }]);
    expect(new TextDecoder().decode(documents[0]?.body)).toBe('# The Tower!\n\nIt is 40 m high.\n');
  });

  it('takes the files beside the questions, but no README', async () => {
    await write('questions.jsonl', question);
    await writeFile(join(folder, 'a.md'), '# Tower\n\nIt is 40 m high.');
    await writeFile(join(folder, 'README.md'), 'How this set was made');
    const { documents } = await readSet(folder);
    expect(documents.map(({ id, subject }) => ({ id, subject }))).toEqual([{ id: 'a.md', subject: undefined }]);
    expect(documents[0]?.text).toContain('It is 40 m high.');
  });

  it('takes the folders of set.json, one for each subject', async () => {
    await write('questions.jsonl', question);
    await write('set.json', { documents: { tower: 'one', garden: 'two' } });
    await write('one/a.txt', { it: 'is 40 m high' });
    await write('two/a.txt', { it: 'has orchids' });
    const { documents } = await readSet(folder);
    expect(documents.map(({ id, subject }) => [id, subject])).toEqual([
      ['tower/a.txt', 'tower'],
      ['garden/a.txt', 'garden'],
    ]);
  });

  it('names the line that is wrong', async () => {
    await write('questions.jsonl', question, { id: '2', question: '' });
    await expect(readSet(folder)).rejects.toThrow(/questions\.jsonl, line 2/);
    await expect(readSet(folder)).rejects.toThrow(SetError);
  });

  it('names the line that is no JSON', async () => {
    await writeFile(join(folder, 'questions.jsonl'), `${JSON.stringify(question)}\n{"id":`);
    await expect(readSet(folder)).rejects.toThrow(/questions\.jsonl, line 2/);
  });

  it('refuses a set without documents, and one without questions', async () => {
    await expect(readSet(folder)).rejects.toThrow(/questions\.jsonl is missing/);
    await write('questions.jsonl', question);
    await expect(readSet(folder)).rejects.toThrow(/holds no documents/);
  });
});

const isSound = async (path: string) => {
  const { documents, questions } = await readSet(path);
  const textOf = new Map(documents.map(({ id, text }) => [id, text]));
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  const unsound = questions.filter(({ answerable, answers, relevantIds }) => {
    if (!answerable) return relevantIds.some(id => !textOf.has(id));
    return !relevantIds.some(id => holdsAnswer(textOf.get(id) ?? '', answers));
  });
  expect(unsound).toEqual([]);
};

it('every answer of the set in the repository stands in a document that is said to hold it', async () => {
  await isSound(join(import.meta.dirname, '../../eval/sets/handbook'));
});

describeWithData('the larger set', data => {
  it('holds its answers, too', () => isSound(join(data, 'qa')));
});
