import type { Resource } from './apis.ts';
import type { MethodSpec } from './model.ts';

export interface Route {
  readonly resource: Resource;
  readonly method: MethodSpec;
  /** Decoded, by name; empty when the resource has none. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds what answers a request, as API Gateway does: part by part, a static part wins over `{id}`, and that over
 * `{proxy+}`. The most specific resource decides alone: when it lacks the method, no other is tried.
 * @param path undecoded, within the stage, e.g. `/documents/a%20b`
 */
export function findRoute(resources: readonly Resource[], httpMethod: string, path: string): Route | undefined {
  const segments = segmentsOf(path);
  const [resource] = resources.filter(({ parts }) => matches(parts, segments)).sort(bySpecificity);
  const method = resource?.methods.get(httpMethod) ?? resource?.methods.get('ANY');
  if (!resource || !method) return undefined;
  return { resource, method, pathParameters: parametersOf(resource.parts, segments) };
}

/** A slash at the end makes no other path. */
function segmentsOf(path: string): string[] {
  const trimmed = path.replaceAll(/^\/|\/$/g, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

const isGreedy = (part: string) => part.endsWith('+}');
const isParameter = (part: string) => part.startsWith('{');

function matches(parts: readonly string[], segments: readonly string[]): boolean {
  const greedy = parts.some(isGreedy);
  if (greedy ? segments.length < parts.length : segments.length !== parts.length) return false;
  return parts.every((part, index) => isParameter(part) || part === decode(segments[index] ?? ''));
}

function bySpecificity(a: Resource, b: Resource): number {
  const length = Math.max(a.parts.length, b.parts.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.parts[index]) - rank(b.parts[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(part: string | undefined): number {
  if (part === undefined || isGreedy(part)) return 2;
  return isParameter(part) ? 1 : 0;
}

function parametersOf(parts: readonly string[], segments: readonly string[]): Record<string, string> {
  const entries = parts.flatMap((part, index): [string, string][] => {
    if (!isParameter(part)) return [];
    const end = isGreedy(part) ? undefined : index + 1;
    return [[part.replaceAll(/[{}+]/g, ''), segments.slice(index, end).map(decode).join('/')]];
  });
  return Object.fromEntries(entries);
}

/** A malformed escape stands for itself. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
