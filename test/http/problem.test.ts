import { describe, expect, it, vi } from 'vitest';
import { type AppError, AppFailure } from '../../lambdas/errors.ts';
import { startDeadline, untilAborted } from '../../lambdas/http/deadline.ts';
import { logFailure } from '../../lambdas/http/failure-log.ts';
import { problemResponse } from '../../lambdas/http/problem.ts';

const respond = (error: unknown) => {
  const response = problemResponse(error, 'request-1');
  return { ...response, problem: JSON.parse(response.body) };
};

describe('problemResponse', () => {
  it.each([
    [{ kind: 'invalid-request', issues: ['message: too long'] }, 400],
    [{ kind: 'conversation-not-found', conversationId: 'x' }, 404],
    [{ kind: 'document-not-found', documentId: 'x' }, 404],
    [{ kind: 'not-found', method: 'GET', path: '/x' }, 404],
    [{ kind: 'method-not-allowed', method: 'PUT', allowed: ['GET'] }, 405],
    [{ kind: 'document-not-failed', documentId: 'x', status: 'COMPLETED' }, 409],
    [{ kind: 'request-too-large', limitBytes: 10 }, 413],
    [{ kind: 'unsupported-media-type', expected: 'application/json' }, 415],
    [{ kind: 'service-unavailable', service: 'The chat model', retryAfterSeconds: 7 }, 503],
  ] satisfies [AppError, number][])('words $kind in the form of RFC 9457', (error, status) => {
    const { statusCode, headers, problem } = respond(new AppFailure(error));
    expect(statusCode).toBe(status);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(problem).toMatchObject({ type: `/problems/${error.kind}`, status, instance: 'request-1' });
    expect(problem.title.length * problem.detail.length).toBeGreaterThan(0);
  });

  it('says when to come back, and what is allowed', () => {
    expect(
      respond(new AppFailure({ kind: 'service-unavailable', service: 'X', retryAfterSeconds: 7 })).headers[
        'retry-after'
      ],
    ).toBe('7');
    expect(
      respond(new AppFailure({ kind: 'method-not-allowed', method: 'PUT', allowed: ['GET', 'POST'] })).headers.allow,
    ).toBe('GET, POST');
  });

  it('tells nothing of a bug', () => {
    const { statusCode, body } = respond(new Error('secret at 10.0.0.1'));
    expect(statusCode).toBe(500);
    expect(body).not.toContain('secret');
  });
});

describe('logFailure', () => {
  const logged = (error: unknown) => {
    const log = { warn: vi.fn(), error: vi.fn() };
    logFailure(log, error, 'request-1');
    return log;
  };

  it('logs a bug as an error and an outage as a warning, with the cause', () => {
    const cause = new Error('throttled');
    const outage = new AppFailure({ kind: 'service-unavailable', service: 'X', retryAfterSeconds: 1 }, { cause });
    expect(logged(cause).error).toHaveBeenCalledWith(expect.any(String), { requestId: 'request-1', error: cause });
    expect(logged(outage).warn).toHaveBeenCalledWith(expect.any(String), { requestId: 'request-1', error: cause });
  });

  it('does not log what the caller did wrong', () => {
    const log = logged(new AppFailure({ kind: 'invalid-request', issues: [] }));
    expect([...log.warn.mock.calls, ...log.error.mock.calls]).toEqual([]);
  });
});

describe('deadlines', () => {
  it('ends waiting with the reason of the deadline', async () => {
    const deadline = startDeadline(2, 'The answer');
    const waiting = untilAborted(new Promise(() => undefined), deadline.signal);
    await expect(waiting).rejects.toMatchObject({ error: { kind: 'service-unavailable', service: 'The answer' } });
    deadline.clear();
  });

  it('does not wait for work when the signal has aborted already', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(untilAborted(new Promise(() => undefined), signal)).rejects.toThrow('gone');
  });
});
