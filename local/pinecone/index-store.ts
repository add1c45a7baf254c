import type { DatabaseSync } from 'node:sqlite';
import type { Metadata } from './filter.ts';
import { NamespaceVectors, type StoredVector } from './namespace-vectors.ts';
import { DENSE_FIELD, type IndexSpec, type SparseValues } from './requests.ts';

const TABLES = `
  CREATE TABLE IF NOT EXISTS pinecone_index (name TEXT PRIMARY KEY, spec TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS pinecone_vector (
    index_name TEXT NOT NULL REFERENCES pinecone_index (name), namespace TEXT NOT NULL, id TEXT NOT NULL,
    dense BLOB NOT NULL, sparse TEXT, metadata TEXT, PRIMARY KEY (index_name, namespace, id));`;

export interface IndexStoreOptions {
  readonly database: DatabaseSync;
  /** How long a write stays out of sight, as in a real index, which is eventually consistent. Milliseconds. */
  readonly visibilityDelayMs: number;
  /** Milliseconds of a clock that does not run backwards. */
  readonly now: () => number;
}

/** The indexes of the project: their specifications and their vectors, in SQLite. */
export class IndexStore {
  readonly #options: IndexStoreOptions;
  readonly #vectors = new Map<string, IndexVectors>();

  constructor(options: IndexStoreOptions) {
    this.#options = options;
    options.database.exec(TABLES);
  }

  list(): IndexSpec[] {
    const rows = this.#options.database.prepare('SELECT spec FROM pinecone_index ORDER BY name').all();
    return rows.map(({ spec }) => JSON.parse(String(spec)));
  }

  get(name: string): IndexSpec | undefined {
    const row = this.#options.database.prepare('SELECT spec FROM pinecone_index WHERE name = ?').get(name);
    return row && JSON.parse(String(row.spec));
  }

  /** Creates the index or changes its specification. */
  put(spec: IndexSpec): void {
    const sql = 'INSERT INTO pinecone_index VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET spec = excluded.spec';
    this.#options.database.prepare(sql).run(spec.name, JSON.stringify(spec));
  }

  delete(name: string): void {
    const { database } = this.#options;
    inTransaction(database, () => {
      database.prepare('DELETE FROM pinecone_vector WHERE index_name = ?').run(name);
      database.prepare('DELETE FROM pinecone_index WHERE name = ?').run(name);
    });
    this.#vectors.delete(name);
  }

  /** The vectors of an index, read from disk at the first call. */
  vectorsOf({ name, schema }: IndexSpec): IndexVectors {
    const loaded = this.#vectors.get(name);
    if (loaded) return loaded;
    const vectors = new IndexVectors(name, schema.fields[DENSE_FIELD].dimension, this.#options);
    this.#vectors.set(name, vectors);
    return vectors;
  }
}

type Change = { readonly dueAt: number; readonly namespace: string } & (
  | { readonly put: readonly StoredVector[] }
  | { readonly remove: readonly string[] }
);

/** The vectors of one index: written to SQLite at once, read from memory, where writes arrive after the delay. */
export class IndexVectors {
  readonly #name: string;
  readonly #dimension: number;
  readonly #options: IndexStoreOptions;
  readonly #namespaces = new Map<string, NamespaceVectors>();
  #pending: Change[] = [];

  constructor(name: string, dimension: number, options: IndexStoreOptions) {
    this.#name = name;
    this.#dimension = dimension;
    this.#options = options;
    const rows = options.database.prepare('SELECT * FROM pinecone_vector WHERE index_name = ?').iterate(name);
    for (const row of rows) this.#apply({ dueAt: 0, namespace: String(row.namespace), put: [readRow(row)] });
  }

  /** @returns undefined when the namespace holds no vector that can be seen */
  namespace(namespace: string): NamespaceVectors | undefined {
    this.#applyDue();
    return this.#namespaces.get(namespace);
  }

  /** Namespaces with vectors that can be seen, by name. */
  namespaces(): [name: string, vectors: NamespaceVectors][] {
    this.#applyDue();
    return [...this.#namespaces].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  put(namespace: string, vectors: readonly StoredVector[]): void {
    const { database } = this.#options;
    const insert = database.prepare('INSERT OR REPLACE INTO pinecone_vector VALUES (?, ?, ?, ?, ?, ?)');
    inTransaction(database, () => {
      for (const { id, values, sparseValues, metadata } of vectors) {
        const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
        insert.run(this.#name, namespace, id, bytes, jsonOrNull(sparseValues), jsonOrNull(metadata));
      }
    });
    this.#schedule({ dueAt: this.#dueAt(), namespace, put: vectors });
  }

  remove(namespace: string, ids: readonly string[]): void {
    const { database } = this.#options;
    const sql = 'DELETE FROM pinecone_vector WHERE index_name = ? AND namespace = ? AND id = ?';
    const remove = database.prepare(sql);
    inTransaction(database, () => {
      for (const id of ids) remove.run(this.#name, namespace, id);
    });
    this.#schedule({ dueAt: this.#dueAt(), namespace, remove: ids });
  }

  /** What was written last, visible or not: for changes of parts of a vector. */
  written(namespace: string, id: string): StoredVector | undefined {
    const sql = 'SELECT * FROM pinecone_vector WHERE index_name = ? AND namespace = ? AND id = ?';
    const row = this.#options.database.prepare(sql).get(this.#name, namespace, id);
    return row && readRow(row);
  }

  /** Whether anything was written to the namespace and not removed, visible or not. */
  holds(namespace: string): boolean {
    const sql = 'SELECT 1 FROM pinecone_vector WHERE index_name = ? AND namespace = ? LIMIT 1';
    return this.#options.database.prepare(sql).get(this.#name, namespace) !== undefined;
  }

  /** Every id written to the namespace, visible or not. */
  writtenIds(namespace: string): string[] {
    const sql = 'SELECT id FROM pinecone_vector WHERE index_name = ? AND namespace = ?';
    const rows = this.#options.database.prepare(sql).all(this.#name, namespace);
    return rows.map(({ id }) => String(id));
  }

  #dueAt(): number {
    return this.#options.now() + this.#options.visibilityDelayMs;
  }

  #schedule(change: Change): void {
    this.#pending.push(change);
    this.#applyDue();
  }

  #applyDue(): void {
    const now = this.#options.now();
    const due = this.#pending.filter(({ dueAt }) => dueAt <= now);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter(({ dueAt }) => dueAt > now);
    for (const change of due) this.#apply(change);
  }

  #apply(change: Change): void {
    const vectors = this.#namespaces.get(change.namespace) ?? new NamespaceVectors(this.#dimension);
    if ('put' in change) for (const vector of change.put) vectors.put(vector);
    else for (const id of change.remove) vectors.delete(id);
    if (vectors.size > 0) this.#namespaces.set(change.namespace, vectors);
    else this.#namespaces.delete(change.namespace);
  }
}

function readRow(row: Record<string, unknown>): StoredVector {
  const bytes = row.dense;
  if (!(bytes instanceof Uint8Array)) throw new Error(`Vector ${row.id} is stored without values`);
  const sparse: SparseValues | undefined = row.sparse === null ? undefined : JSON.parse(String(row.sparse));
  const metadata: Metadata | undefined = row.metadata === null ? undefined : JSON.parse(String(row.metadata));
  return {
    id: String(row.id),
    values: new Float32Array(bytes.slice().buffer),
    ...(sparse && { sparseValues: sparse }),
    ...(metadata && { metadata }),
  };
}

const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function inTransaction(database: DatabaseSync, write: () => void): void {
  database.exec('BEGIN');
  try {
    write();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
