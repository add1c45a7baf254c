import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppFailure } from '../../lambdas/errors.ts';
import { findJsonFault } from '../../lambdas/http/json-fault.ts';
import { readJson, readQuery } from '../../lambdas/http/request.ts';

const schema = z.strictObject({ name: z.string().min(1), count: z.int().optional() });
const event = (body: string | null, contentType: string | undefined = 'application/json') => ({
  body,
  headers: contentType ? { 'Content-Type': contentType } : {},
  isBase64Encoded: false,
});

/** The error that reading fails with. */
function failureOf(read: () => unknown): AppFailure['error'] {
  try {
    read();
  } catch (error) {
    if (error instanceof AppFailure) return error.error;
    throw error;
  }
  throw new Error('It was accepted.');
}
const issuesOf = (body: string) => {
  const failure = failureOf(() => readJson(event(body), schema));
  return failure.kind === 'invalid-request' ? failure.issues : [];
};

describe('readJson', () => {
  it('gives the checked body, also when it comes in base64', () => {
    const body = Buffer.from('{"name":"é"}').toString('base64');
    expect(readJson({ ...event(body, 'Application/JSON; charset=utf-8'), isBase64Encoded: true }, schema)).toEqual({
      name: 'é',
    });
  });

  it('names every fault at once', () => {
    const issues = issuesOf('{"name":"","count":1.5,"nmae":"x"}');
    expect(issues).toHaveLength(3);
    expect(issues.join('\n')).toMatch(/name: [\s\S]*count: [\s\S]*"nmae"/);
  });

  it.each([
    ['{"name": "a",}', 'line 1, column 14'],
    ['{\n  "name": tru\n}', 'line 2, column 11'],
    ['{"name": "a"', 'unexpected end'],
    ['{"name": "a"} x', 'line 1, column 15'],
  ])('says where %j is no JSON', (body, place) => {
    expect(issuesOf(body)[0]).toContain(place);
  });

  it.each(['', '  \n'])('says that the body %j is empty', body => {
    expect(issuesOf(body)).toEqual(['body: empty; send a JSON object']);
  });

  it('refuses bytes that are no UTF-8', () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64');
    expect(failureOf(() => readJson({ ...event(body), isBase64Encoded: true }, schema))).toMatchObject({
      issues: ['body: not valid UTF-8'],
    });
  });

  it('refuses other media types, and none', () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      expect(failureOf(() => readJson(event('{}', type), schema)).kind).toBe('unsupported-media-type');
    }
  });

  it('measures a body in bytes', () => {
    const body = JSON.stringify({ name: 'é'.repeat(40_000) });
    expect(failureOf(() => readJson(event(body), schema))).toEqual({ kind: 'request-too-large', limitBytes: 65_536 });
  });
});

describe('readQuery', () => {
  it('refuses parameters that it does not know', () => {
    const query = { queryStringParameters: { limt: '3' } };
    expect(failureOf(() => readQuery(query, z.strictObject({ limit: z.coerce.number().optional() }))).kind).toBe(
      'invalid-request',
    );
  });
});

describe('findJsonFault', () => {
  it('finds no fault in JSON', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(findJsonFault(text)).toBe(text.length);
      }),
    );
  });

  it('finds the first character that no JSON goes on with', () => {
    const parses = (text: string) => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const characters = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', '-', '.', 'true', ' ', '\\', 'a');
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 8 }), parts => {
        const text = parts.join('');
        const fault = findJsonFault(text);
        expect(fault).toBeLessThanOrEqual(text.length);
        if (fault < text.length) expect(parses(text)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});
