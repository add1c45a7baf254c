import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Budgets } from '../../lambdas/budgets.ts';
import { synthesizeWith } from './support/assembly.ts';
import { parseEvents } from './support/events.ts';
import { completed, type Stack, startStack } from './support/stack.ts';

const budgets: Budgets = { user: { day: { tokens: 400 } }, tenant: { month: { usd: 1 } } };
const question = { message: 'How many steps does the tower have?' };

let folder: string;
let stack: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'groundwork-assembly-'));
  synthesizeWith(folder, { budgets });
  stack = await startStack({ assembly: folder });
  const key = 'documents/tower.md';
  const body = '# Tower\n\nThe tower has 212 steps. Visitors climb it on Sundays only.';
  await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
  await stack.waitForDocuments(completed([key]));
});
afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true });
});

const ask = (headers: Record<string, string> = {}) =>
  stack.request('chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(question),
  });
const usage = async () => (await (await stack.request('usage')).json()) as { usage: { day: { tokens: number } }[] };

describe('budgets', () => {
  it('are told in headers, kept by every answer, and end in a problem', async () => {
    const answer = await ask();
    expect(answer.status).toBe(200);
    const { usage: used } = (await answer.json()) as { usage: { inputTokens: number; outputTokens: number } };
    const tokens = used.inputTokens + used.outputTokens;
    expect(tokens).toBeLessThan(400);
    expect(answer.headers.get('x-budget-remaining-tokens')).toBe(String(400 - tokens));
    expect(Number(answer.headers.get('x-budget-remaining-usd'))).toBeLessThan(1);
    expect(await usage()).toMatchObject({
      usage: [
        { scope: 'user', day: { tokens, reserved: { tokens: 0, usd: 0 }, limit: { tokens: 400 } } },
        { scope: 'tenant', month: { tokens, limit: { usd: 1 } } },
      ],
    });

    const streamed = await ask({ accept: 'text/event-stream' });
    expect(streamed.headers.get('x-budget-remaining-tokens')).toBe('0');
    expect(parseEvents(await streamed.text()).at(-1)).toMatchObject({ event: 'completed' });
    expect((await usage()).usage[0]?.day.tokens).toBe(2 * tokens);

    const report = (await (await stack.request('usage/report')).json()) as { total: object; models: object[] };
    expect(report.total).toMatchObject({ answers: 2 });
    expect(report.models.length).toBeGreaterThanOrEqual(2);
    expect(await (await stack.request('budgets')).json()).toMatchObject({
      limits: budgets,
      tenant: { month: { limit: { usd: 1 } } },
      users: [{ day: { tokens: expect.any(Number) } }],
    });

    for (let asked = 2; asked * tokens < 400; asked += 1) expect((await ask()).status).toBe(200);
    for (const accept of ['application/json', 'text/event-stream']) {
      const refused = await ask({ accept });
      expect(refused.status).toBe(429);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await refused.json()).toMatchObject({ type: '/problems/budget-spent' });
    }
  });
});
