import pMap from 'p-map';
import type { AdaptiveConcurrency } from '../adaptive-concurrency.ts';
import type {
  ArchivedEmbedding,
  EmbeddingArchive,
  EmbeddingManifest,
  EmbeddingModel,
  EmbeddingPart,
  EmbeddingPartRef,
} from '../ports.ts';
import { embeddingHashOf } from './embedding-hash.ts';

export interface EmbeddingPorts {
  readonly embeddings: Pick<EmbeddingModel, 'modelId' | 'dimension' | 'textsPerCall' | 'embedDocuments'>;
  /** Paces the calls of the model. */
  readonly pace: AdaptiveConcurrency;
  readonly archive: EmbeddingArchive;
}

/** What the archive holds that may spare calls of the model. */
export interface ArchivedBatch {
  /** Of this batch, whole, and what an attempt left that failed midway. */
  readonly own: readonly (EmbeddingPart | undefined)[];
  /** Of the version whose embeddings may be taken over. */
  readonly earlier?: { readonly version: number; readonly manifest: EmbeddingManifest } | undefined;
}

/** The embeddings of a batch's texts. */
export interface BatchEmbeddings {
  /** One a text, in order. */
  readonly entries: readonly ArchivedEmbedding[];
  /** Texts that the model was called for now. */
  readonly embedded: number;
  /** Texts whose embedding was taken over from another version, now or by an earlier attempt. */
  readonly reused: number;
  /** The archive lacks some of them. */
  readonly isNew: boolean;
}

type Known = Map<string, ArchivedEmbedding>;

/** @param reuseFrom another version of the document, whose embeddings may be taken over */
export async function readArchive(
  { archive }: Pick<EmbeddingPorts, 'archive'>,
  ref: EmbeddingPartRef,
  reuseFrom: number | undefined,
): Promise<ArchivedBatch> {
  const [whole, unfinished, manifest] = await Promise.all([
    archive.getPart(ref),
    archive.getPart({ ...ref, unfinished: true }),
    reuseFrom === undefined || reuseFrom === ref.version ? undefined : archive.getManifest(ref.documentId, reuseFrom),
  ]);
  const earlier = reuseFrom !== undefined && manifest ? { version: reuseFrom, manifest } : undefined;
  return { own: [whole, unfinished], earlier };
}

/**
 * Embeddings for texts, by calls of the model only where the archive has none. Should the model stay throttled, what it
 * gave until then is archived, so that every attempt gets further than the one before.
 * @param ref the batch; `texts` are those of its chunks, in order
 * @param waitMs how long a throttled model is waited for
 */
export async function embeddingsOf(
  ports: EmbeddingPorts,
  ref: EmbeddingPartRef,
  texts: readonly string[],
  archived: ArchivedBatch,
  waitMs: number,
): Promise<BatchEmbeddings> {
  const hashes = texts.map(text => embeddingHashOf(ports.embeddings, text));
  const textOf = new Map(hashes.map((hash, position) => [hash, texts[position] ?? '']));
  const entries = archived.own.flatMap(part => part?.entries ?? []).filter(({ hash }) => textOf.has(hash));
  const known: Known = new Map(entries.map(entry => [entry.hash, entry]));
  await takeOver(ports.archive, known, hashes, ref.documentId, archived.earlier);
  const missing = [...textOf].filter(([hash]) => !known.has(hash));
  try {
    await addFromModel(ports, known, missing, waitMs);
  } catch (error) {
    const gotFurther = missing.some(([hash]) => known.has(hash));
    if (gotFurther) await archiveBatch(ports, { ...ref, unfinished: true }, [...known.values()]);
    throw error;
  }
  const found = hashes.map(hash => {
    const entry = known.get(hash);
    if (!entry) throw new Error(`Embedding ${hash} is missing`);
    return entry;
  });
  const wholeBefore = archived.own[0]?.entries.map(({ hash }) => hash).join();
  return {
    entries: found,
    embedded: missing.length,
    reused: found.filter(({ reused }) => reused).length,
    isNew: wholeBefore !== hashes.join(),
  };
}

export const archiveBatch = (
  { archive, embeddings: { modelId, dimension } }: EmbeddingPorts,
  ref: EmbeddingPartRef,
  entries: readonly ArchivedEmbedding[],
): Promise<void> => archive.putPart(ref, { modelId, dimension, entries });

/** Adds what an earlier version's archive has of `hashes`; reads only the parts that hold some. */
async function takeOver(
  archive: EmbeddingArchive,
  known: Known,
  hashes: readonly string[],
  documentId: string,
  earlier: ArchivedBatch['earlier'],
): Promise<void> {
  if (!earlier) return;
  const { version, manifest } = earlier;
  const missing = new Set(hashes.filter(hash => !known.has(hash)));
  const sought = new Set(missing);
  const batches = new Set<number>();
  manifest.hashes.forEach((hash, index) => {
    if (hash !== null && sought.delete(hash)) batches.add(Math.floor(index / manifest.partSize));
  });
  const read = async (batch: number) => {
    const part = await archive.getPart({ documentId, version, batch });
    for (const entry of part?.entries ?? []) {
      if (missing.has(entry.hash)) known.set(entry.hash, { ...entry, reused: true });
    }
  };
  await pMap(batches, read, { concurrency: 8 });
}

/** Adds what the model says, call by call. @throws the first error, once all other calls have ended */
async function addFromModel(
  { embeddings, pace }: EmbeddingPorts,
  known: Known,
  missing: readonly (readonly [hash: string, text: string])[],
  waitMs: number,
): Promise<void> {
  const calls = Array.from({ length: Math.ceil(missing.length / embeddings.textsPerCall) }, (_, call) =>
    missing.slice(call * embeddings.textsPerCall, (call + 1) * embeddings.textsPerCall),
  );
  const embed = async (batch: typeof missing) => {
    const vectors = await pace.run(() => embeddings.embedDocuments(batch.map(([, text]) => text)), waitMs);
    batch.forEach(([hash], position) => {
      const embedding = vectors[position];
      if (!embedding)
        throw new Error(`The embedding model gave ${vectors.length} embeddings for ${batch.length} texts`);
      known.set(hash, { hash, embedding, reused: false });
    });
  };
  const ended = await Promise.allSettled(calls.map(embed));
  const failed = ended.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
}
