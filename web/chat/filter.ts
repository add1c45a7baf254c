import type { DocumentSummary, Filter } from '../api/shapes.ts';

/** By what the documents can be told apart: their folders, and the attributes that sidecars give them. */
export interface Distinctions {
  readonly folders: readonly string[];
  readonly attributes: ReadonlyMap<string, readonly (string | number | boolean)[]>;
}

export function distinctionsOf(documents: readonly DocumentSummary[]): Distinctions {
  const folders = new Set<string>();
  const attributes = new Map<string, Set<string | number | boolean>>();
  for (const { key, attributes: own = {} } of documents) {
    for (const folder of foldersOf(key)) folders.add(folder);
    for (const [name, value] of Object.entries(own)) {
      const known = attributes.get(name) ?? new Set();
      for (const each of typeof value === 'object' ? value : [value]) known.add(each);
      attributes.set(name, known);
    }
  }
  const byName = [...attributes].sort(([a], [b]) => a.localeCompare(b));
  return {
    folders: [...folders].sort(),
    attributes: new Map(byName.map(([name, values]) => [name, [...values].sort()])),
  };
}

/** `documents/handbook/2026/leave.pdf` lies in `documents/handbook/` and in `documents/handbook/2026/`. */
const foldersOf = (key: string): string[] =>
  [...key.matchAll(/\//g)].slice(1).map(({ index }) => key.slice(0, index + 1));

/** The filter that asks for this folder and these values; undefined when it would narrow nothing. */
export function filterOf(
  folder: string,
  values: ReadonlyMap<string, string | number | boolean>,
  before?: Filter,
): Filter | undefined {
  const attributes = Object.fromEntries([...values].map(([name, equals]) => [name, { equals }]));
  const filter: Filter = {
    ...(before?.documentIds && { documentIds: before.documentIds }),
    ...(folder && { folder }),
    ...(values.size > 0 && { attributes }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

/** E.g. `handbook/2026/`, `year: 2026`. */
export function describeFilter(filter: Filter | undefined): string[] {
  if (!filter) return [];
  const { folder, attributes = {} } = filter;
  return [
    ...(folder ? [folder.replace(/^documents\//, '')] : []),
    ...Object.entries(attributes).map(([name, { equals }]) => `${name}: ${equals}`),
  ];
}
