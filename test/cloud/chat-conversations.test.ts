import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, completed, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  const Key = 'documents/tower.md';
  const Body =
    '# Tower\n\nThe tower has 212 steps. Visitors climb it on Sundays only. It was built in 1731 by Ida Berg.';
  await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body }));
  await stack.waitForDocuments(completed([Key]));
});
afterAll(() => stack?.close());

const steps = 'How many steps does the tower have?';
const question = { message: steps };
const conversationShape = z.looseObject({
  title: z.string(),
  turnCount: z.int(),
  newestPath: z.array(z.string()),
  turns: z.array(
    z.looseObject({ turnId: z.string(), parentTurnId: z.string().optional(), feedback: z.unknown().optional() }),
  ),
});

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await stack.request(path, { method, ...init });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}
const conversation = async ({ conversationId }: Answer) =>
  conversationShape.parse((await send('GET', `conversations/${conversationId}?limit=100`)).json);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited in vain. Log:\n${stack.logs.slice(-40).join('\n')}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

describe('a conversation', () => {
  it('gets a title after its first answer, which the reader may change', async () => {
    const message = 'Please tell me how many steps the tower has, and who built it when?';
    const first = await stack.ask({ message });
    expect((await conversation(first)).title).toBe(message);
    await until(async () => (await conversation(first)).title !== message);
    expect((await conversation(first)).title).toBe('Please tell me how many steps the tower…');
    const path = `conversations/${first.conversationId}`;
    expect(await send('PATCH', path, { title: 'Towers' })).toMatchObject({ status: 200, json: { title: 'Towers' } });
    expect((await conversation(first)).title).toBe('Towers');
  });

  it('keeps every branch, whoever comes first', async () => {
    const first = await stack.ask(question);
    const { conversationId, turnId } = first;
    const second = await stack.ask({ message: 'When may visitors climb it?', conversationId });
    const again = await stack.ask({ message: 'When may visitors climb it?', conversationId, parentTurnId: turnId });
    const edited = await stack.ask({ message: 'Who built the tower?', conversationId, parentTurnId: null });
    const racing = await Promise.all([1, 2, 3].map(() => stack.ask({ ...question, conversationId })));
    const { turns, newestPath, turnCount } = await conversation(first);
    expect(turns.map(turn => [turn.turnId, turn.parentTurnId])).toEqual([
      [turnId, undefined],
      [second.turnId, turnId],
      [again.turnId, turnId],
      [edited.turnId, undefined],
      ...turns.slice(4).map(turn => [turn.turnId, turn.parentTurnId]),
    ]);
    expect(new Set(turns.slice(4).map(turn => turn.turnId))).toEqual(new Set(racing.map(answer => answer.turnId)));
    expect(turnCount).toBe(7);
    const last = turns.at(-1);
    expect(newestPath).toEqual(expect.arrayContaining([edited.turnId, last?.turnId]));
    expect(newestPath).not.toContain(turnId);
  });

  it('shows what is said of its answers', async () => {
    const first = await stack.ask(question);
    const path = `conversations/${first.conversationId}/turns/${first.turnId}/feedback`;
    const body = { rating: 'down', reasons: ['outdated'], comment: 'It has 213 by now.' };
    expect((await send('POST', path, body)).status).toBe(200);
    expect((await conversation(first)).turns[0]?.feedback).toMatchObject(body);
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await conversation(first)).turns[0]).not.toHaveProperty('feedback');
  });

  it('is exported with its sources', async () => {
    const first = await stack.ask(question);
    const path = `conversations/${first.conversationId}/export`;
    const markdown = await stack.request(path);
    expect(markdown.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(await markdown.text()).toMatch(
      /> How many steps[\s\S]*212 steps[\s\S]*- \[1\] .*`documents\/tower\.md`, version 1/,
    );
    const { json } = await send('GET', `${path}?format=json`);
    expect(json).toMatchObject({
      turns: [{ turnId: first.turnId, citations: [{ n: 1 }] }],
      newestPath: [first.turnId],
    });
  });

  it('is summarized when it gets long, and goes on', async () => {
    const first = await stack.ask(question);
    const { conversationId } = first;
    for (let turn = 0; turn < 16; turn += 1) await stack.ask({ ...question, conversationId });
    await until(() => stack.logs.some(line => line.includes(conversationId) && line.includes('summarizedTurns=9')));
    const follow = await stack.ask({ message: 'When was the tower built?', conversationId });
    expect(follow.answer).toContain('1731');
    expect(new Set(follow.citations.map(({ key }) => key))).toEqual(new Set(['documents/tower.md']));
  });
});
