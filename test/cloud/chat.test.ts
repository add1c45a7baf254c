import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEvents } from './support/events.ts';
import { answerShape, completed, type Stack, startStack } from './support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  const documents = {
    'documents/greenhouse.md': `# Greenhouse\n\n## Heating\n\nThe heating of the greenhouse is switched on with the red lever. It is turned off with the blue lever behind the door.\n\n## Watering\n\nThe orchids are watered every nine days with rain water.`,
    'documents/tower.md': `# Tower\n\nThe tower has 212 steps. Visitors climb it on Sundays only.`,
  };
  for (const [key, body] of Object.entries(documents)) {
    await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: body }));
  }
  await stack.waitForDocuments(completed(Object.keys(documents)));
});
afterAll(() => stack?.close());

const chat = (body: unknown, init: RequestInit = {}) =>
  stack.request('chat', {
    method: 'POST',
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /chat', () => {
  it('answers as JSON', async () => {
    const response = await chat({ message: 'How many steps does the tower have?' });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const answer = answerShape.parse(await response.json());
    expect(answer.answer).toContain('212');
    expect(answer.citations[0]?.key).toBe('documents/tower.md');
    expect(answer.usage.inputTokens).toBeGreaterThan(0);
  });

  it('streams the same answer as server-sent events', async () => {
    const response = await chat(
      { message: 'How many steps does the tower have?' },
      { headers: { accept: 'text/event-stream' } },
    );
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = parseEvents(await response.text());
    const kinds = events.map(({ event }) => event);
    expect(kinds[0]).toBe('started');
    expect(kinds).toContain('sources');
    expect(kinds).toContain('citation');
    expect(kinds.at(-1)).toBe('completed');
    const text = events
      .filter(({ event }) => event === 'text-delta')
      .map(({ data }) => (data as { text: string }).text);
    const whole = answerShape.parse(events.at(-1)?.data);
    expect(text.join('').trim()).toBe(whole.answer.trim());
    expect(whole.answer).toContain('212');
  });

  it('understands a follow-up by the conversation', async () => {
    const first = await stack.ask({ message: 'How is the heating of the greenhouse switched on?' });
    expect(first.answer).toContain('red lever');
    const second = await stack.ask({ message: 'And how do I turn it off?', conversationId: first.conversationId });
    expect(second.conversationId).toBe(first.conversationId);
    expect(second.answer).toContain('blue lever');
    const stored = (await (await stack.request(`conversations/${first.conversationId}`)).json()) as {
      turns: { turnId: string }[];
    };
    expect(stored.turns.map(({ turnId }) => turnId)).toEqual([first.turnId, second.turnId]);
  });

  it('says that the documents do not hold it, and cites nothing', async () => {
    const answer = await stack.ask({ message: 'Which certificate does the Kafka broker present to its clients?' });
    expect(answer).toMatchObject({ refused: true, citations: [] });
    expect(answer.answer).not.toContain('[no-answer]');
    const { nearest = [] } = answer as { nearest?: { title: string; key: string }[] };
    expect(nearest.length).toBeGreaterThan(0);
    for (const { title } of nearest) expect(answer.answer).toContain(title);
  });

  it('answers only from what the filter allows', async () => {
    const answer = await stack.ask({
      message: 'How many steps does the tower have?',
      filter: { folder: 'documents/elsewhere/' },
    });
    expect(answer).toMatchObject({ refused: true, citations: [] });
  });
});

describe('bad input', () => {
  const problem = async (response: Response) => {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    return (await response.json()) as { type: string; status: number; title: string; issues?: string[] };
  };

  it.each([
    ['invalid JSON', '{"message": ', 400],
    ['an unknown field', { message: 'x', mesage: 'y' }, 400],
    ['an empty message', { message: '  ' }, 400],
    ['too long a message', { message: 'x'.repeat(4001) }, 400],
    ['too large a body', { message: 'x'.repeat(100_000) }, 413],
    ['an unknown conversation', { message: 'x', conversationId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 404],
  ])('%s is refused in problem form', async (_, body, status) => {
    const response = await chat(body);
    expect(response.status).toBe(status);
    expect((await problem(response)).status).toBe(status);
  });

  it('a wrong or absent key is refused', async () => {
    for (const key of ['wrong-key', '']) {
      const response = await chat({ message: 'x' }, { headers: { 'x-api-key': key } });
      expect(response.status).toBe(401);
      expect((await problem(response)).type).toBe('/problems/unauthorized');
    }
  });

  it('a wrong path and a wrong method are told apart', async () => {
    expect((await stack.request('nowhere')).status).toBe(404);
    const wrongMethod = await stack.request('chat');
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get('allow')).toContain('POST');
  });

  it('every error can be read across origins', async () => {
    const response = await chat({}, { headers: { origin: 'https://example.com' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const preflight = await stack.request('chat', {
      method: 'OPTIONS',
      headers: { 'x-api-key': '', origin: 'https://example.com' },
    });
    expect(preflight.status).toBe(204);
  });
});

describe('open routes', () => {
  it('need no key', async () => {
    for (const path of ['health', 'openapi.json']) {
      const response = await stack.request(path, { headers: { 'x-api-key': '' } });
      expect(response.status).toBe(200);
    }
  });

  it('describe every route', async () => {
    const description = (await (await stack.request('openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, object>;
    };
    expect(description.openapi).toMatch(/^3\.1/);
    expect(Object.keys(description.paths)).toEqual(
      expect.arrayContaining([
        '/chat',
        '/search',
        '/documents',
        '/documents/{documentId}',
        '/conversations',
        '/health',
      ]),
    );
  });
});
