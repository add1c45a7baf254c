import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activeParts } from '../chat/markdown.ts';
import { synthesizeWith } from './support/assembly.ts';
import { parseEvents } from './support/events.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-safety-'));
let stack: Stack;

const documents = {
  'documents/harbour.txt':
    'The harbour lamp hangs <img src="http://127.0.0.1:9/lamp" onerror="alert(1)"> near the [gate](javascript:alert(1)) of the quay.',
  'documents/ferry.txt': 'The ferry leaves every forty minutes. Project Nightjar pays for the ferry timetable.',
  'documents/tower.txt': 'The tower has 212 steps of oak.',
};

beforeAll(async () => {
  const assembly = join(folder, 'cdk.out');
  synthesizeWith(assembly, {
    chat: {
      guardrail: {
        blockedWords: ['project nightjar'],
        deniedTopics: [{ name: 'Salaries', definition: 'What people earn.', examples: ['what does the keeper earn'] }],
        blockedMessage: 'This is not answered here.',
        trace: true,
      },
    },
  });
  stack = await startStack({ assembly });
  for (const [key, body] of Object.entries(documents)) {
    await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
  }
  await stack.waitForDocuments(completed(Object.keys(documents)));
});
afterAll(async () => {
  await stack?.close();
  rmSync(folder, { recursive: true });
});

const chat = (message: string, headers: Record<string, string> = {}) =>
  stack.request('chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ message, topK: 1 }),
  });

describe('a model that repeats what a document holds', () => {
  it('gives away no image, no HTML and no link', async () => {
    const { answer, citations } = await stack.ask({ message: 'Where does the harbour lamp hang?', topK: 1 });
    expect(answer).toContain('The harbour lamp hangs');
    expect(answer).toContain('gate');
    expect(answer).not.toMatch(/127\.0\.0\.1|<img|javascript/);
    expect(activeParts(answer, { hasUrl: () => false, hasEmail: () => false })).toEqual([]);
    expect(citations[0]?.quote).toContain('<img src="http://127.0.0.1:9/lamp"'); // quotes are what the document says
  });
});

describe('a guardrail', () => {
  it('lets pass what is not against its rules', async () => {
    expect((await stack.ask({ message: 'How many steps does the tower have?', topK: 1 })).answer).toContain('212');
  });

  it.each([
    ['a passage', 'How often does the ferry leave?', 'word'],
    ['a question', 'Does the tower say what does the keeper earn?', 'topic'],
  ])('tells that it intervened for %s, streamed and whole', async (_, message, policy) => {
    const intervention = { policies: [policy] };
    const whole = await (await chat(message)).json();
    expect(whole).toMatchObject({ answer: 'This is not answered here.', intervention, citations: [], refused: false });
    const events = parseEvents(await (await chat(message, { accept: 'text/event-stream' })).text());
    expect(events.find(({ event }) => event === 'intervened')?.data).toEqual({ intervention });
    expect(events.at(-1)).toMatchObject({ event: 'completed', data: { intervention } });
  });

  it('may be applied by the chat function, which its role allows', () => {
    expect(stack.logs.filter(line => line.includes('bedrock:ApplyGuardrail'))).toEqual([]);
  });
});
