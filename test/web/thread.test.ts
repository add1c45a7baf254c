import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, Unreachable } from '../../web/api/problems.ts';
import { Thread } from '../../web/chat/thread.ts';
import { lastDone, shownPath } from '../../web/chat/turn.ts';
import { answerFetch, loggedIn, problem } from './support.ts';

const conversationId = '01J0000000000000000000000C';
const id = (n: number) => `01J000000000000000000000${String(n).padStart(2, '0')}`;
const citation = { n: 1, chunkId: 'd#1#0', title: 'Handbook', quote: '30 days', supported: true };

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const answered = (turnId: string, more: object = {}) =>
  event('completed', {
    conversationId,
    turnId,
    answer: '30 days [1].',
    refused: false,
    grounded: true,
    citations: [citation],
    ...more,
  });
const stream = (...events: string[]) =>
  new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });
const whole = (turnId: string, parentTurnId?: string) =>
  stream(
    event('started', { conversationId, turnId, ...(parentTurnId && { parentTurnId }) }),
    event('sources', { sources: [citation] }),
    event('text-delta', { text: '30 days' }),
    ': ping\n\n',
    event('text-delta', { text: ' [1].' }),
    event('citation', citation),
    answered(turnId),
  );

/** Draws at once instead of with the next frame. */
const fresh = (stored = vi.fn()) => new Thread(loggedIn().api, undefined, stored, draw => draw());
const shown = ({ state }: Thread) => shownPath(state.turns, state.tip);

describe('Thread', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('shows the answer as it comes, and is stored with it', async () => {
    answerFetch(() => whole(id(1)));
    const stored = vi.fn();
    const thread = fresh(stored);
    const texts = new Set<string>();
    thread.subscribe(() => texts.add(thread.state.turns[0]?.answer ?? ''));
    expect(await thread.ask('How many days?')).toEqual({ kind: 'done' });
    expect([...texts]).toEqual(['', '30 days', '30 days [1].']);
    expect(shown(thread)[0]).toMatchObject({ turnId: id(1), citations: [citation], grounded: true });
    expect(thread.state).toMatchObject({ conversationId, title: 'How many days?' });
    expect(stored).toHaveBeenCalledExactlyOnceWith(thread);
  });

  it('goes on from the last answer, and not from one that was stopped or failed', async () => {
    let turn = 0;
    const asked = answerFetch(() => {
      turn += 1;
      return turn === 2 ? problem(503, 'service-unavailable') : whole(id(turn));
    });
    const thread = fresh();
    await thread.ask('First');
    await thread.ask('Second');
    await thread.ask('Third');
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ message: 'First' });
    expect(JSON.parse(asked[2]?.body ?? '')).toEqual({ message: 'Third', conversationId, parentTurnId: id(1) });
    expect(lastDone(shown(thread))?.question).toBe('Third');
  });

  it('makes a branch of an edited first question', async () => {
    let turn = 0;
    const asked = answerFetch(() => {
      turn += 1;
      return whole(id(turn));
    });
    const thread = fresh();
    await thread.ask('Frist');
    await thread.ask('First', { parentTurnId: null });
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({ conversationId, parentTurnId: null });
    expect(shown(thread).map(({ question }) => question)).toEqual(['First']);
    expect(thread.state.turns).toHaveLength(2);
  });

  it('keeps what came before it was stopped, and stores nothing', async () => {
    answerFetch(({ signal }) => {
      const half = event('started', { turnId: id(1) }) + event('text-delta', { text: 'Half of' });
      const body = new ReadableStream({
        start: controller => {
          controller.enqueue(new TextEncoder().encode(half));
          signal?.addEventListener('abort', () => controller.error(signal.reason)); // as a real reply's body does
        },
      });
      return new Response(body);
    });
    const stored = vi.fn();
    const thread = fresh(stored);
    thread.subscribe(() => thread.state.turns[0]?.answer === 'Half of' && thread.stop());
    expect(await thread.ask('Anything')).toEqual({ kind: 'stopped' });
    expect(shown(thread)[0]).toMatchObject({ answer: 'Half of', citations: [] });
    expect(stored).not.toHaveBeenCalled();
  });

  it('says that the connection broke when the stream ends before the answer is whole', async () => {
    answerFetch(() => stream(event('started', { turnId: id(1) }), event('text-delta', { text: 'Half' })));
    const thread = fresh();
    const status = await thread.ask('Anything');
    expect(status).toMatchObject({ kind: 'failed', error: expect.any(Unreachable) });
    expect(shown(thread)[0]?.answer).toBe('Half');
  });

  it('tells a failure midway, and one before with the time to try again', async () => {
    answerFetch(() =>
      stream(event('started', { turnId: id(1) }), event('failed', { type: '/problems/internal-error', status: 500 })),
    );
    const thread = fresh();
    expect(await thread.ask('One')).toMatchObject({ kind: 'failed', error: expect.any(ApiProblem) });
    answerFetch(() => problem(429, 'throttled', { 'retry-after': '7' }));
    const before = Date.now();
    const status = await thread.ask('Two');
    expect(status).toMatchObject({ kind: 'failed', error: { kind: 'throttled' } });
    expect(status?.kind === 'failed' && (status.retryAt ?? 0) - before).toBeGreaterThanOrEqual(7_000);
  });

  it('puts a new try in the place of the failed one', async () => {
    answerFetch(() => problem(503, 'service-unavailable'));
    const thread = fresh();
    await thread.ask('One');
    answerFetch(() => whole(id(1)));
    const failed = shown(thread)[0];
    await thread.ask('One', { parentTurnId: null, ...(failed && { inPlaceOf: failed }) });
    expect(thread.state.turns).toHaveLength(1);
  });

  it('asks one question at a time', async () => {
    const asked = answerFetch(() => whole(id(1)));
    const thread = fresh();
    const [, second] = await Promise.all([thread.ask('One'), thread.ask('Two')]);
    expect(second).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  it('reads a stored conversation page by page and shows its newest path', async () => {
    const turn = (n: number, parentTurnId?: string) => ({
      turnId: id(n),
      question: `Q${n}`,
      answer: 'A',
      citations: [],
      ...(parentTurnId && { parentTurnId }),
    });
    answerFetch(({ url }) =>
      url.searchParams.has('cursor')
        ? Response.json({ title: 'T', turns: [turn(3, id(1)), turn(4, id(2))] })
        : Response.json({ title: 'T', turns: [turn(1), turn(2, id(1))], newestPath: [id(1), id(3)], cursor: 'more' }),
    );
    const thread = new Thread(loggedIn().api, conversationId, vi.fn());
    await thread.load();
    expect(shown(thread).map(({ question }) => question)).toEqual(['Q1', 'Q3']);
    expect(thread.state).toMatchObject({ title: 'T', isLoading: false });
  });

  it('tells why a conversation cannot be read', async () => {
    answerFetch(() => problem(404, 'conversation-not-found'));
    const thread = new Thread(loggedIn().api, conversationId, vi.fn());
    await thread.load();
    expect(thread.state).toMatchObject({ isLoading: false, error: { kind: 'conversation-not-found' } });
  });
});
