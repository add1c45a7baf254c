import { describe, expect, it } from 'vitest';
import { AppFailure } from '../lambdas/errors.ts';
import { throttleOf } from '../lambdas/throttling.ts';

const named = (name: string, fields: object = {}) => Object.assign(new Error('no'), { name, ...fields });

describe('a throttle', () => {
  it.each([
    named('ThrottlingException'),
    named('ProvisionedThroughputExceededException'),
    named('SlowDown'),
    named('ServiceException', { $metadata: { httpStatusCode: 503 } }),
    named('ServiceException', { $metadata: { httpStatusCode: 429 } }),
    named('Error', { code: 'ECONNRESET' }),
  ])('is seen in what the AWS SDK throws: $name', error => {
    expect(throttleOf(error)).toEqual({ retryAfterSeconds: 0 });
  });

  it('carries the time that the service asked for', () => {
    const refused = named('ThrottlingException', { $response: { headers: { 'retry-after': '17' } } });
    expect(throttleOf(refused)).toEqual({ retryAfterSeconds: 17 });
    const failure = new AppFailure({ kind: 'service-unavailable', service: 'The model', retryAfterSeconds: 9 });
    expect(throttleOf(failure)).toEqual({ retryAfterSeconds: 9 });
    const worded = new AppFailure(
      { kind: 'service-unavailable', service: 'The model', retryAfterSeconds: 5 },
      { cause: refused },
    );
    expect(throttleOf(worded)).toEqual({ retryAfterSeconds: 17 });
    expect(throttleOf(new AppFailure(failure.error, { cause: named('ThrottlingException') }))).toEqual({
      retryAfterSeconds: 0,
    });
  });

  it('is found among the causes and the parts of an error', () => {
    const cause = named('ThrottlingException');
    expect(throttleOf(new Error('failed', { cause: new Error('deeper', { cause }) }))).toBeDefined();
    expect(throttleOf(new AggregateError([new Error('a'), cause], 'both'))).toBeDefined();
  });

  it('is nothing else', () => {
    const itself = new Error('its own cause');
    itself.cause = itself;
    const others = [
      itself,
      named('ValidationException', { $metadata: { httpStatusCode: 400 } }),
      named('AccessDeniedException', { $metadata: { httpStatusCode: 403 } }),
      new AppFailure({ kind: 'document-not-found', documentId: 'x' }),
      'ThrottlingException',
      undefined,
    ];
    for (const error of others) expect(throttleOf(error)).toBeUndefined();
  });
});
