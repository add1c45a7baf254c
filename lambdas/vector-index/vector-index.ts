import type { VectorIndexProperties } from './properties.ts';

/** An index as the vector service describes it, ready or not. */
export interface ExistingIndex {
  readonly dimension: number | undefined;
  readonly metric: string | undefined;
  readonly deletionProtection: 'enabled' | 'disabled';
}

export type IndexSpec = Pick<
  VectorIndexProperties,
  'IndexName' | 'Dimension' | 'Metric' | 'Cloud' | 'Region' | 'DeletionProtection'
>;

/** Control plane of the vector service. */
export interface IndexControl {
  /** @returns undefined when there is no such index */
  describe(name: string): Promise<ExistingIndex | undefined>;
  /** @returns false when an index of this name exists */
  create(spec: IndexSpec): Promise<boolean>;
  /** Resolves when the index can be used. @returns its host */
  waitUntilReady(name: string, timeoutMs: number): Promise<string>;
  protect(name: string, deletionProtection: 'enabled' | 'disabled'): Promise<void>;
  /** One that is not there is fine. */
  remove(name: string): Promise<void>;
}

/**
 * Sees to it that the index is there as asked: creates it, or takes over one of its name that fits.
 * @param timeoutMs how long to wait for the index to get ready
 * @returns the index's host
 * @throws Error naming both figures when an index of that name has another dimension or metric
 */
export async function ensureIndex(control: IndexControl, spec: IndexSpec, timeoutMs: number): Promise<string> {
  const existing = await control.describe(spec.IndexName);
  if (existing) await takeOver(control, existing, spec);
  else if (!(await control.create(spec))) await takeOver(control, await control.describe(spec.IndexName), spec);
  return control.waitUntilReady(spec.IndexName, timeoutMs);
}

async function takeOver(control: IndexControl, index: ExistingIndex | undefined, spec: IndexSpec): Promise<void> {
  const { IndexName, Dimension, Metric, DeletionProtection } = spec;
  if (!index) throw new Error(`Index ${IndexName} can neither be created nor found`);
  const misfits = [
    index.dimension !== Dimension && `dimension ${index.dimension ?? 'none'}, but the settings ask for ${Dimension}`,
    index.metric !== Metric && `metric ${index.metric ?? 'none'}, but the settings ask for ${Metric}`,
  ].filter(misfit => typeof misfit === 'string');
  if (misfits.length > 0) {
    throw new Error(
      `Index ${IndexName} exists with ${misfits.join(' and ')}. Vectors cannot be converted: choose another index ` +
        'name in the settings (documents are then embedded anew), or settings that fit the index.',
    );
  }
  if (index.deletionProtection !== DeletionProtection) await control.protect(IndexName, DeletionProtection);
}
