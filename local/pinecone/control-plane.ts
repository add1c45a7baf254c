import { badRequest, decodeSegment, PineconeError } from './errors.ts';
import type { IndexStore } from './index-store.ts';
import { configureIndexBody, createIndexBody, type IndexSpec, parse } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export interface ControlPlaneRequest {
  readonly method: string;
  /** From `/indexes` on, undecoded. */
  readonly path: string;
  /** The parsed body of POST and PATCH. */
  readonly body: unknown;
}

/**
 * Indexes: list, create, describe, configure, delete. They are ready at once.
 * @param hostOf where clients find the data plane of an index
 * @throws PineconeError
 */
export function serveControlPlane(
  store: IndexStore,
  hostOf: (indexName: string) => string,
  { method, path, body }: ControlPlaneRequest,
): Answer {
  const describe = (spec: IndexSpec) => ({ ...spec, host: hostOf(spec.name), status: { ready: true, state: 'Ready' } });
  const [, name] = /^\/indexes(?:\/([^/]+))?$/.exec(path) ?? [undefined, undefined];
  if (path === '/indexes') {
    if (method === 'GET') return { status: 200, body: { indexes: store.list().map(describe) } };
    if (method === 'POST') return { status: 201, body: describe(createIndex(store, body)) };
  }
  if (name !== undefined) {
    const spec = existing(store, decodeSegment(name));
    if (method === 'GET') return { status: 200, body: describe(spec) };
    if (method === 'PATCH') return { status: 200, body: describe(configureIndex(store, spec, body)) };
    if (method === 'DELETE') return deleteIndex(store, spec);
  }
  throw new PineconeError(501, `The local Pinecone has no ${method} ${path}.`);
}

/** @throws PineconeError 404 */
export function existing(store: IndexStore, name: string): IndexSpec {
  const spec = store.get(name);
  if (!spec) throw new PineconeError(404, `Resource ${name} not found`);
  return spec;
}

function createIndex(store: IndexStore, body: unknown): IndexSpec {
  const spec = parse(createIndexBody, body);
  if (store.get(spec.name)) throw new PineconeError(409, `Index ${spec.name} already exists`);
  store.put(spec);
  return spec;
}

function configureIndex(store: IndexStore, spec: IndexSpec, body: unknown): IndexSpec {
  const change = parse(configureIndexBody, body);
  if (Object.keys(change).length === 0) throw badRequest('Nothing to configure.');
  const tags = Object.entries({ ...spec.tags, ...change.tags }).filter(([, value]) => value !== '');
  const changed: IndexSpec = {
    ...spec,
    tags: Object.fromEntries(tags),
    ...(change.deletion_protection && { deletion_protection: change.deletion_protection }),
  };
  store.put(changed);
  return changed;
}

function deleteIndex(store: IndexStore, { name, deletion_protection }: IndexSpec): Answer {
  if (deletion_protection === 'enabled') {
    throw new PineconeError(
      403,
      `Deletion protection is enabled for this index. Disable deletion protection on ${name} before retrying.`,
    );
  }
  store.delete(name);
  return { status: 202 };
}
