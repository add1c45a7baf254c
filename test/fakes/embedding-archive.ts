import type { EmbeddingArchive, EmbeddingManifest, EmbeddingPart, EmbeddingPartRef } from '../../lambdas/ports.ts';

/** Embeddings kept in memory; `versions` shows which versions have any. */
export function inMemoryEmbeddingArchive(): EmbeddingArchive & {
  versions(): { documentId: string; version: number }[];
} {
  const versions = new Map<string, { parts: Map<string, EmbeddingPart>; manifest?: EmbeddingManifest }>();
  const open = (documentId: string, version: number) => {
    const name = `${documentId}#${version}`;
    const found = versions.get(name) ?? { parts: new Map<string, EmbeddingPart>() };
    versions.set(name, found);
    return found;
  };
  const find = (documentId: string, version: number) => versions.get(`${documentId}#${version}`);
  const partName = ({ batch, unfinished = false }: EmbeddingPartRef) => `${batch} ${unfinished}`;
  const getPart = async (ref: EmbeddingPartRef) => find(ref.documentId, ref.version)?.parts.get(partName(ref));

  return {
    getPart,
    async putPart(ref, part) {
      const entries = part.entries.map(entry => ({ ...entry, embedding: entry.embedding.map(Math.fround) }));
      open(ref.documentId, ref.version).parts.set(partName(ref), { ...part, entries });
    },
    getHashes: async ref => (await getPart(ref))?.entries.map(({ hash }) => hash),
    async putManifest(documentId, version, manifest) {
      open(documentId, version).manifest = manifest;
    },
    getManifest: async (documentId, version) => find(documentId, version)?.manifest,
    async removeVersion(documentId, version) {
      versions.delete(`${documentId}#${version}`);
    },
    async list() {
      return { versions: this.versions() };
    },
    versions: () =>
      [...versions.keys()].map(name => {
        const [documentId = '', version = ''] = name.split('#');
        return { documentId, version: Number(version) };
      }),
  };
}
