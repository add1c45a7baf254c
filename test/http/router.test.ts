import { describe, expect, it } from 'vitest';
import type { Address } from '../../lambdas/http/router.ts';
import { findRoute } from '../../lambdas/http/router.ts';

const routes: Address[] = [
  { method: 'GET', path: '/documents' },
  { method: 'POST', path: '/documents' },
  { method: 'GET', path: '/documents/{documentId}' },
  { method: 'POST', path: '/documents/{documentId}/retry' },
];

describe('findRoute', () => {
  it('decodes what stands in the path', () => {
    expect(findRoute(routes, 'GET', '/documents/a%20b')).toEqual({ route: routes[2], params: { documentId: 'a b' } });
  });

  it('tells what is allowed when only the method is wrong', () => {
    expect(() => findRoute(routes, 'PUT', '/documents')).toThrow(
      expect.objectContaining({ error: { kind: 'method-not-allowed', method: 'PUT', allowed: ['GET', 'POST'] } }),
    );
  });

  it.each(['/', '/document', '/documents/', '/documents//retry', '/documents/%zz', '/documents/a/b/c'])(
    'knows no path %s',
    path => {
      expect(() => findRoute(routes, 'GET', path)).toThrow(
        expect.objectContaining({ error: { kind: 'not-found', method: 'GET', path } }),
      );
    },
  );
});
