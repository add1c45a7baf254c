import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../local/faults/plan.ts';
import { parseEvents } from './support/events.ts';
import { answerShape, completed, type Stack, startStack } from './support/stack.ts';

const WAIT = { timeout: 30_000, interval: 100 };
const QUESTION = 'How many steps does the tower have?';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  const Body =
    '# Tower\n\nThe tower has 212 steps. Visitors climb it on Sundays only, in groups of twelve at the most.';
  await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: 'documents/tower.md', Body }));
  await stack.waitForDocuments(completed(['documents/tower.md']));
});
afterEach(() => stack.breakDown({}));
afterAll(() => stack?.close());

const chat = (init: RequestInit = {}) =>
  stack.request('chat', {
    method: 'POST',
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
    body: JSON.stringify({ message: QUESTION }),
  });
const eventStream = { accept: 'text/event-stream' };
const conversationCount = async () => {
  const response = await stack.request('conversations?limit=100');
  expect(response.status).toBe(200);
  return ((await response.json()) as { conversations: unknown[] }).conversations.length;
};

type CallRule = NonNullable<FaultPlanInput['calls']>[number];
const providers: [string, CallRule][] = [
  ['the embedding model is throttled', { service: 'bedrock', operation: 'InvokeModel', fault: 'throttle' }],
  ['the embedding model is down', { service: 'bedrock', operation: 'InvokeModel', fault: 'error' }],
  ['the embedding model breaks off', { service: 'bedrock', operation: 'InvokeModel', fault: 'disconnect' }],
  ['the chat model is throttled', { service: 'bedrock', operation: 'ConverseStream', fault: 'throttle' }],
  ['the chat model is down', { service: 'bedrock', operation: 'ConverseStream', fault: 'error' }],
  ['the chat model breaks off', { service: 'bedrock', operation: 'ConverseStream', fault: 'disconnect' }],
  ['the vector store is throttled', { service: 'pinecone', operation: 'query', fault: 'throttle' }],
  ['the vector store is down', { service: 'pinecone', operation: 'query', fault: 'error' }],
  ['the vector store breaks off', { service: 'pinecone', operation: 'query', fault: 'disconnect' }],
];
const struck = async () => Object.values((await stack.faults()).injected).reduce((sum, times) => sum + times, 0);

describe('a short failure', () => {
  it.each(providers)('when %s is not seen by the client', async (_, rule) => {
    await stack.breakDown({ calls: [{ ...rule, times: 2 }] });
    const answer = await stack.ask({ message: QUESTION });
    expect(answer.answer).toContain('212');
    expect(await struck()).toBe(2);
  });
});

describe('a lasting failure', () => {
  // The vector store is asked again for as long as 15 s: one of its failures stands for all.
  const lasting = providers.filter(([, { service, fault }]) => service !== 'pinecone' || fault === 'throttle');

  it.each(lasting)('when %s ends in 503 with Retry-After, and no turn is stored', async (_, rule) => {
    const before = await conversationCount();
    await stack.breakDown({ calls: [rule] });
    const response = await chat();
    expect(response.status).toBe(503);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ type: '/problems/service-unavailable', status: 503 });
    expect(await struck()).toBeGreaterThan(1);
    expect(await conversationCount()).toBe(before);
  });

  it('is told to a reader of the event stream in problem form', async () => {
    await stack.breakDown({ calls: [{ service: 'bedrock', operation: 'ConverseStream', fault: 'throttle' }] });
    const events = parseEvents(await (await chat({ headers: eventStream })).text());
    expect(events.map(({ event }) => event)).toEqual(['started', 'sources', 'failed']);
    expect(events.at(-1)?.data).toMatchObject({
      type: '/problems/service-unavailable',
      status: 503,
      instance: expect.any(String),
    });
  });
});

describe('a model that fails midway', () => {
  it('ends the event stream with a problem, and no turn is stored', async () => {
    const before = await conversationCount();
    await stack.breakDown({ streams: [{ fault: 'break', pieces: 1 }] });
    const events = parseEvents(await (await chat({ headers: eventStream })).text());
    const kinds = events.map(({ event }) => event);
    expect(kinds.slice(0, 2)).toEqual(['started', 'sources']);
    expect(kinds.filter(kind => kind === 'failed' || kind === 'completed')).toEqual(['failed']);
    expect(events.at(-1)?.data).toMatchObject({ type: '/problems/service-unavailable', status: 503 });
    expect(await conversationCount()).toBe(before);
  });

  it('answers a JSON client with 503, never with half an answer', async () => {
    await stack.breakDown({ streams: [{ fault: 'break', pieces: 1 }] });
    const response = await chat();
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('212 steps');
  });
});

describe('a client that hangs up', () => {
  it('stops the model call, and no turn is stored', async () => {
    const before = await conversationCount();
    await stack.breakDown({ streams: [{ fault: 'slow', delayMs: 60_000 }] });
    const client = new AbortController();
    const response = await chat({ headers: eventStream, signal: client.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes('event: sources')) seen += (await reader?.read())?.value ?? '';
    await expect.poll(struck, WAIT).toBe(1); // the model is at work
    client.abort();
    await expect.poll(() => stack.logs.join('\n'), WAIT).toMatch(/bedrock: the client ended the stream of \S+ after 0/);
    expect(await conversationCount()).toBe(before);
    expect((await answerShape.parseAsync(await afterwards())).answer).toContain('212');
  });

  const afterwards = async () => {
    await stack.breakDown({});
    return (await chat()).json();
  };
});

describe('a slow model', () => {
  it('is bridged by pings', async () => {
    await stack.breakDown({
      calls: [{ service: 'bedrock', operation: 'ConverseStream', fault: 'delay', delayMs: 11_000 }],
    });
    const text = await (await chat({ headers: eventStream })).text();
    expect(text).toMatch(/^: ping$/m);
    expect(parseEvents(text).at(-1)?.event).toBe('completed');
  });
});
