import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Budgets } from '../../lambdas/budgets.ts';
import { respond } from '../../lambdas/chat/respond.ts';
import { chatAnswerSchema } from '../../lambdas/chat/schemas.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { identityRulesSchema } from '../../lambdas/identity/identity-rules.ts';
import { inMemorySpendStore } from '../fakes/spend-store.ts';
import { inMemoryUsageLedger } from '../fakes/usage-ledger.ts';
import { aMinute, type RequestSample, requestOf } from '../http/events.ts';
import { makeLibrary, type ReplyStep } from './library.ts';

const EVENT_STREAM = { accept: 'text/event-stream' };

/** The endpoint over a library, and what a client would see of it. */
async function serve(reply?: readonly ReplyStep[], budgets: Budgets = {}) {
  const library = makeLibrary(reply);
  await library.put('documents/tower.md', ['The tower has 212 steps. The steps are made of oak.']);
  const log = { warn: vi.fn(), error: vi.fn() };
  const onCompleted = vi.fn();
  const spend = inMemorySpendStore();
  const ledger = inMemoryUsageLedger();
  const notCounted = vi.fn();

  function send(body: unknown, sample: RequestSample = {}, context = aMinute) {
    const stream = new PassThrough();
    let text = '';
    let head: { statusCode: number; headers: Record<string, string> } | undefined;
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const open: Parameters<typeof respond>[3]['open'] = (target, sent) => {
      if (head) throw new Error('The head was sent twice.');
      head = sent;
      return target;
    };
    const options = {
      historyTokens: 1_000,
      minEvidence: 0,
      suspiciousPassages: 'mark' as const,
      passageTokens: 100,
      maxTokens: 200,
      prices: { answer: undefined, condense: undefined, embedding: undefined },
    };
    const ports = { ...library.ports, spend, ledger, budgets, notCounted };
    const identity = identityRulesSchema.parse({});
    const endpoint = { ports, options, identity, topK: 5, log, open, onCompleted };
    const event = requestOf({ method: 'POST', path: '/chat', body, ...sample });
    const done = respond(event, stream, context, endpoint);
    const contains = async (wanted: string) => {
      while (!text.includes(wanted)) await new Promise(resolve => stream.once('data', resolve));
    };
    return { stream, done, contains, seen: () => ({ ...head, text, ended: stream.writableEnded }) };
  }

  /** The whole reply to a request. */
  async function fetch(body: unknown, sample?: RequestSample) {
    const exchange = send(body, sample);
    await exchange.done;
    return exchange.seen();
  }
  return { library, log, onCompleted, spend, ledger, notCounted, send, fetch };
}

const question = { message: 'How many steps does the tower have?' };

function eventsIn(text: string): { event: string; data: unknown }[] {
  const blocks = text.split('\n\n').filter(block => block.startsWith('event: '));
  return blocks.map(block => {
    const [, event = '', data = ''] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
    return { event, data: JSON.parse(data) };
  });
}

describe('POST /chat', () => {
  it('answers as JSON, in the documented shape', async () => {
    const { fetch, onCompleted } = await serve();
    const { statusCode, headers, text, ended } = await fetch(question);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
      'x-request-id': 'request-1',
    });
    const answer = chatAnswerSchema.parse(JSON.parse(text));
    expect(answer).toMatchObject({ answer: 'It has 212 steps [1].', refused: false });
    expect(ended).toBe(true);
    expect(onCompleted).toHaveBeenCalledOnce();
  });

  it('streams the same answer as events to a client that accepts them', async () => {
    const { fetch } = await serve();
    const { statusCode, headers, text, ended } = await fetch(question, {
      headers: { Accept: 'text/html;q=0.1, text/event-stream' },
    });
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' });
    const events = eventsIn(text);
    expect([events[0]?.event, events[1]?.event, events.at(-1)?.event]).toEqual(['started', 'sources', 'completed']);
    const answer = chatAnswerSchema.parse(events.at(-1)?.data);
    expect(events.find(({ event }) => event === 'citation')?.data).toEqual(answer.citations[0]);
    expect(ended).toBe(true);
  });

  it('tells that a guardrail intervened in an event of its own', async () => {
    const { fetch } = await serve(['Blocked.', { policies: ['topic'] }]);
    const events = eventsIn((await fetch(question, { headers: EVENT_STREAM })).text);
    expect(events.at(-2)).toEqual({ event: 'intervened', data: { intervention: { policies: ['topic'] } } });
    const answer = chatAnswerSchema.parse(JSON.parse((await fetch(question)).text));
    expect(answer).toMatchObject({ answer: 'Blocked.', intervention: { policies: ['topic'] } });
  });

  it('sends the first words while the model is still writing', async () => {
    const release = Promise.withResolvers<void>();
    const { send } = await serve(['It has ', release.promise, '212 steps [1].']);
    const exchange = send(question, { headers: EVENT_STREAM });
    await exchange.contains('data: {"text":"It has"}');
    release.resolve();
    await exchange.done;
    expect(exchange.seen().text).toContain('event: completed');
  });

  it('stops the model when the client hangs up, and stores nothing', async () => {
    for (const headers of [EVENT_STREAM, undefined]) {
      const { send, library } = await serve(['It has ', new Promise(() => undefined)]);
      const exchange = send(question, headers && { headers });
      if (headers) await exchange.contains('It has');
      else while (library.answerModel.prompts.length === 0) await new Promise(resolve => setImmediate(resolve));
      exchange.stream.destroy();
      await exchange.done;
      expect(library.answerModel.stopped()).toBe(1);
      expect(library.conversations.all()).toEqual([]);
    }
  });

  it('tells a failure midway as a problem: as an event, or as the status of the JSON reply', async () => {
    const cause = new Error('throttled');
    const failure = new AppFailure(
      { kind: 'service-unavailable', service: 'The chat model', retryAfterSeconds: 5 },
      { cause },
    );
    const { fetch, log } = await serve(['It has ', failure]);
    const streamed = eventsIn((await fetch(question, { headers: EVENT_STREAM })).text);
    const problem = { type: '/problems/service-unavailable', status: 503, instance: 'request-1' };
    expect(streamed.at(-1)).toMatchObject({ event: 'failed', data: problem });
    const { statusCode, headers, text } = await fetch(question);
    expect({ statusCode, retryAfter: headers?.['retry-after'] }).toEqual({ statusCode: 503, retryAfter: '5' });
    expect(JSON.parse(text)).toMatchObject(problem);
    expect(log.warn).toHaveBeenCalledTimes(2);
  });

  it('answers a bug with a bare 500, logged once with its cause', async () => {
    const bug = new Error('undefined is not a passage');
    const { fetch, log } = await serve(['It has ', bug]);
    const { statusCode, text } = await fetch(question);
    expect(statusCode).toBe(500);
    expect(text).not.toContain('passage');
    expect(log.error).toHaveBeenCalledExactlyOnceWith(expect.any(String), { requestId: 'request-1', error: bug });
  });

  it('gives up in time to say so', async () => {
    const { send } = await serve(['It has ', new Promise(() => undefined)]);
    const exchange = send(question, {}, { getRemainingTimeInMillis: () => 40 });
    await exchange.done;
    expect(exchange.seen()).toMatchObject({ statusCode: 503 });
  });

  const message = 'x';
  it.each<[string, unknown, number, string, RequestSample?]>([
    ['invalid JSON', '{"message": ', 400, 'line 1, column 13'],
    ['no body', undefined, 400, 'empty', { headers: { 'content-type': 'application/json' } }],
    ['an unknown field', { message, mesage: 'y' }, 400, 'mesage'],
    ['a blank message', { message: '  ' }, 400, 'message'],
    ['too long a message', { message: 'x'.repeat(4_001) }, 400, 'message'],
    ['a foreign conversation id', { message, conversationId: 'my-chat' }, 400, 'conversationId'],
    ['a parent without a conversation', { message, parentTurnId: null }, 400, 'parentTurnId: needs'],
    ['too many passages', { message, topK: 21 }, 400, 'topK'],
    ['an unknown field of the filter', { message, filter: { tenant: 'other' } }, 400, 'tenant'],
    ['a folder without its slash', { message, filter: { folder: 'documents/a' } }, 400, 'filter.folder'],
    ['too many documents', { message, filter: { documentIds: Array(21).fill('0'.repeat(32)) } }, 400, 'documentIds'],
    ['too large a body', { message: 'x'.repeat(70_000) }, 413, '65536'],
    ['a model that is not there', { message, model: 'strong' }, 400, 'model: this stack'],
    ['an unknown model', { message, model: 'gpt' }, 400, 'model'],
    ['another media type', 'message=x', 415, 'application/json', { headers: { 'Content-Type': 'text/plain' } }],
    ['an unknown conversation', { message, conversationId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 404, '01ARZ3NDE'],
  ])('refuses %s with its status, in both forms', async (_, body, status, named, sample = {}) => {
    const { fetch } = await serve();
    for (const headers of [sample.headers, { ...sample.headers, ...EVENT_STREAM }]) {
      const reply = await fetch(body, headers ? { headers } : {});
      expect(reply.statusCode).toBe(status);
      expect(reply.headers?.['content-type']).toBe('application/problem+json');
      expect(JSON.parse(reply.text)).toMatchObject({ status, detail: expect.stringContaining(named) });
    }
  });

  it('takes the longest message and the largest filter that its schema states', async () => {
    const { fetch } = await serve();
    const filter = { documentIds: Array.from({ length: 20 }, (_, index) => String(index).padStart(32, '0')) };
    expect((await fetch({ message: 'é'.repeat(4_000), filter, topK: 20 })).statusCode).toBe(200);
  });

  it('answers nobody when the route was deployed without a key', async () => {
    const { fetch, library } = await serve();
    expect((await fetch(question, { apiKeyId: null })).statusCode).toBe(500);
    expect(library.answerModel.prompts).toEqual([]);
  });
});

describe('budgets', () => {
  /** What ann spent and what is reserved for her, this month. */
  const spendingOf = async ({ spend }: Awaited<ReturnType<typeof serve>>) =>
    (await spend.read({ scope: 'user', tenant: 'default', id: 'ann' }, new Date())).month;
  const nothing = { tokens: 0, usd: 0 };

  it('leave their headers out where there are none, and count all the same', async () => {
    const server = await serve();
    const { headers, text } = await server.fetch(question);
    expect(Object.keys(headers ?? {}).filter(name => name.startsWith('x-budget'))).toEqual([]);
    const { usage } = chatAnswerSchema.parse(JSON.parse(text));
    const tokens = usage.inputTokens + usage.outputTokens;
    expect(await spendingOf(server)).toEqual({ spent: { tokens, usd: 0 }, reserved: nothing });
  });

  it('are beside a ledger of who used which model', async () => {
    const server = await serve();
    await server.fetch(question);
    const today = new Date().toISOString().slice(0, 10);
    const { embeddings, answerModel } = server.library.ports;
    expect(await server.ledger.read('default', today, today)).toMatchObject([
      { userId: 'ann', answers: 1, models: [{ modelId: answerModel.modelId }, { modelId: embeddings.modelId }] },
    ]);
  });

  it('do not keep an answer from its reader when the ledger is down', async () => {
    const server = await serve();
    const down = new Error('down');
    server.ledger.record = () => Promise.reject(down);
    expect((await server.fetch(question)).statusCode).toBe(200);
    expect(server.notCounted).toHaveBeenCalledExactlyOnceWith(down);
  });

  it('tell in headers what is left: after a JSON answer, and at least after a streamed one', async () => {
    const server = await serve(undefined, { user: { month: { tokens: 10_000 } } });
    const json = await server.fetch(question);
    const { spent } = await spendingOf(server);
    expect(json.headers).toMatchObject({ 'x-budget-remaining-tokens': String(10_000 - spent.tokens) });
    expect(Number(json.headers?.['x-budget-reset'])).toBeGreaterThan(0);
    expect(json.headers).not.toHaveProperty('x-budget-remaining-usd');
    const streamed = await server.fetch(question, { headers: EVENT_STREAM });
    const left = Number(streamed.headers?.['x-budget-remaining-tokens']);
    expect(left).toBeLessThan(10_000 - 2 * spent.tokens);
    expect(left).toBeGreaterThan(0);
    expect(eventsIn(streamed.text)[0]).toMatchObject({ event: 'started', data: { budget: { tokens: left } } });
    expect(await spendingOf(server)).toMatchObject({ spent: { tokens: 2 * spent.tokens }, reserved: nothing });
  });

  it('refuse in problem form when they are spent, in both forms, before any model is asked', async () => {
    const { fetch, library } = await serve(undefined, { key: { day: { tokens: 1 } } });
    expect((await fetch(question)).statusCode).toBe(200);
    const asked = library.answerModel.prompts.length;
    for (const headers of [{}, EVENT_STREAM]) {
      const reply = await fetch(question, { headers });
      expect(reply).toMatchObject({
        statusCode: 429,
        headers: { 'content-type': 'application/problem+json', 'x-budget-remaining-tokens': '0' },
      });
      expect(Number(reply.headers?.['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(reply.text)).toMatchObject({ type: '/problems/budget-spent', status: 429 });
    }
    expect(library.answerModel.prompts).toHaveLength(asked);
  });

  it('count what a client that hangs up has cost, and hold nothing for it any more', async () => {
    const server = await serve(['It has ', new Promise(() => undefined)], { user: { day: { tokens: 10_000 } } });
    const exchange = server.send(question, { headers: EVENT_STREAM });
    await exchange.contains('It has');
    exchange.stream.destroy();
    await exchange.done;
    const { spent, reserved } = await spendingOf(server);
    expect(spent.tokens).toBeGreaterThan(100);
    expect(reserved).toEqual(nothing);
  });

  it('hold nothing after a question that failed', async () => {
    const server = await serve(undefined, { user: { day: { tokens: 10_000 } } });
    const conversationId = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    expect((await server.fetch({ ...question, conversationId })).statusCode).toBe(404);
    expect((await spendingOf(server)).reserved).toEqual(nothing);
  });
});
