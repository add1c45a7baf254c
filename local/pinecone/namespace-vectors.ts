import type { Metadata, MetadataFilter } from './filter.ts';
import type { Metric, SparseValues } from './requests.ts';

export interface StoredVector {
  readonly id: string;
  readonly values: Float32Array;
  readonly sparseValues?: SparseValues;
  readonly metadata?: Metadata;
}
export interface ScoredVector {
  readonly vector: StoredVector;
  readonly score: number;
}

const FIRST_CAPACITY = 64;

/** The vectors of one namespace in one typed array, searched one by one. */
export class NamespaceVectors {
  readonly #dimension: number;
  readonly #rows = new Map<string, number>();
  #records: Omit<StoredVector, 'values'>[] = [];
  #matrix: Float32Array<ArrayBufferLike>;

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#matrix = new Float32Array(FIRST_CAPACITY * dimension);
  }

  get size(): number {
    return this.#records.length;
  }

  put({ values, ...record }: StoredVector): void {
    const row = this.#rows.get(record.id) ?? this.#records.length;
    if ((row + 1) * this.#dimension > this.#matrix.length) this.#grow();
    this.#matrix.set(values, row * this.#dimension);
    this.#records[row] = record;
    this.#rows.set(record.id, row);
  }

  delete(id: string): void {
    const row = this.#rows.get(id);
    const last = this.#records.at(-1);
    if (row === undefined || last === undefined) return;
    // The last one takes the place, so that the array has no gaps.
    this.#matrix.set(this.#valuesAt(this.#records.length - 1), row * this.#dimension);
    this.#records[row] = last;
    this.#rows.set(last.id, row);
    this.#records.pop();
    this.#rows.delete(id);
  }

  get(id: string): StoredVector | undefined {
    const row = this.#rows.get(id);
    return row === undefined ? undefined : this.#at(row);
  }

  /** Sorted. */
  ids(prefix = ''): string[] {
    return [...this.#rows.keys()].filter(id => id.startsWith(prefix)).sort();
  }

  idsWhere(filter: MetadataFilter): string[] {
    return this.#records.filter(({ metadata = {} }) => filter(metadata)).map(({ id }) => id);
  }

  /** At most `topK` vectors, closest first: by the highest score, for `euclidean` by the lowest. Equal ones by id. */
  search(query: {
    values: Float32Array;
    sparseValues?: SparseValues;
    metric: Metric;
    topK: number;
    filter?: MetadataFilter;
  }): ScoredVector[] {
    const { metric, topK, filter } = query;
    const sparse = sparseOf(query.sparseValues);
    const score = scorerOf(metric, query.values);
    const scored: { row: number; id: string; score: number }[] = [];
    this.#records.forEach(({ id, metadata = {}, sparseValues }, row) => {
      if (filter && !filter(metadata)) return;
      scored.push({ row, id, score: score(this.#matrix, row * this.#dimension) + sparseProduct(sparse, sparseValues) });
    });
    const sign = metric === 'euclidean' ? 1 : -1;
    scored.sort((a, b) => sign * (a.score - b.score) || (a.id < b.id ? -1 : 1));
    return scored.slice(0, topK).map(({ row, score }) => ({ vector: this.#at(row), score }));
  }

  #at(row: number): StoredVector {
    const record = this.#records[row];
    if (!record) throw new RangeError(`No vector in row ${row}`);
    return { ...record, values: this.#valuesAt(row).slice() };
  }

  #valuesAt(row: number): Float32Array {
    return this.#matrix.subarray(row * this.#dimension, (row + 1) * this.#dimension);
  }

  #grow(): void {
    const larger = new Float32Array(this.#matrix.length * 2);
    larger.set(this.#matrix);
    this.#matrix = larger;
  }
}

type Scorer = (matrix: Float32Array, start: number) => number;

function scorerOf(metric: Metric, query: Float32Array): Scorer {
  const product: Scorer = (matrix, start) => {
    let sum = 0;
    for (let i = 0; i < query.length; i += 1) sum += (query[i] ?? 0) * (matrix[start + i] ?? 0);
    return sum;
  };
  if (metric === 'dotproduct') return product;
  if (metric === 'euclidean') {
    return (matrix, start) => {
      let sum = 0;
      for (let i = 0; i < query.length; i += 1) sum += ((query[i] ?? 0) - (matrix[start + i] ?? 0)) ** 2;
      return sum;
    };
  }
  const queryLength = Math.sqrt(query.reduce((sum, value) => sum + value * value, 0));
  return (matrix, start) => {
    let squares = 0;
    for (let i = start; i < start + query.length; i += 1) squares += (matrix[i] ?? 0) ** 2;
    return product(matrix, start) / (queryLength * Math.sqrt(squares) || 1);
  };
}

const sparseOf = (sparse: SparseValues | undefined): ReadonlyMap<number, number> =>
  new Map(sparse?.indices.map((index, i) => [index, sparse.values[i] ?? 0]));

function sparseProduct(query: ReadonlyMap<number, number>, sparse: SparseValues | undefined): number {
  if (!sparse || query.size === 0) return 0;
  return sparse.indices.reduce((sum, index, i) => sum + (query.get(index) ?? 0) * (sparse.values[i] ?? 0), 0);
}
