import { AppFailure } from '../errors.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** An operation's address: `{name}` in the path stands for one segment. */
export interface Address {
  readonly method: Method;
  readonly path: `/${string}`;
}

export interface Found<R extends Address> {
  readonly route: R;
  /** Decoded segments, by the names in the route's path. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Finds the operation of a request.
 * @param path without the stage, as it was sent (percent-encoded)
 * @throws AppFailure not-found for an unknown path, method-not-allowed when the path has other methods only
 */
export function findRoute<R extends Address>(routes: readonly R[], method: string, path: string): Found<R> {
  const matches = routes.flatMap(route => {
    const params = matchPath(route.path, path);
    return params ? [{ route, params }] : [];
  });
  const found = matches.find(match => match.route.method === method);
  if (found) return found;
  if (matches.length === 0) throw new AppFailure({ kind: 'not-found', method, path });
  throw new AppFailure({ kind: 'method-not-allowed', method, allowed: matches.map(match => match.route.method) });
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (!name && segment !== value) return undefined;
    if (!name) continue;
    const decoded = decodeSegment(value);
    if (!decoded) return undefined;
    params[name] = decoded;
  }
  return params;
}

/** @returns undefined for a segment that is not percent-encoded UTF-8: no route has such a path */
function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
