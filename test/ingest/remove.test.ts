import { beforeEach, describe, expect, it } from 'vitest';
import { removeVersion } from '../../lambdas/ingest/remove.ts';
import { chunkAt } from '../contracts/chunk-store.ts';
import { documentId, key, makeSteps, removalOf } from './steps.ts';

describe('removing a version', () => {
  let steps: ReturnType<typeof makeSteps>;
  beforeEach(() => {
    steps = makeSteps();
  });
  /** Stores a chunk and a vector of the version. */
  const fill = async (version: number) => {
    await steps.ports.chunks.put(documentId, version, [chunkAt(0)]);
    await steps.ports.vectors.upsert('default', [
      { ref: { documentId, version, index: 0 }, key, metadata: {}, embedding: [1] },
    ]);
  };
  const stored = () => [
    steps.ports.chunks.all().map(({ version }) => version),
    steps.ports.vectors.refs().map(({ version }) => version),
  ];
  const run = (version: number) => removeVersion(steps.ports, removalOf(version));

  it('takes the vectors and chunks of a superseded version, and no others', async () => {
    await steps.upload();
    await steps.complete(1);
    await fill(1);
    await steps.upload();
    await steps.complete(2);
    await fill(2);
    expect(await run(1)).toBe('removed');
    expect(stored()).toEqual([[2], [2]]);
    expect((await steps.version(1)).status).toBe('DELETED');
    expect(await steps.head()).toMatchObject({ status: 'COMPLETED', liveVersion: 2 });
  });

  it('keeps a version that is live or may still become so: a stray message does no harm', async () => {
    await steps.upload();
    await steps.complete(1);
    await fill(1);
    expect(await run(1)).toBe('kept');
    await steps.upload();
    await fill(2);
    expect(await run(1)).toBe('kept');
    expect(await run(2)).toBe('kept');
    expect(await run(3)).toBe('kept');
    expect(stored()).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('takes everything of a deleted document', async () => {
    await steps.upload();
    await steps.complete(1);
    await fill(1);
    await steps.remove();
    expect(await run(1)).toBe('removed');
    expect(stored()).toEqual([[], []]);
  });

  it('is done again for what a slow writer added since', async () => {
    await steps.upload();
    await steps.remove();
    await run(1);
    await fill(1);
    expect(await run(1)).toBe('removed');
    expect(stored()).toEqual([[], []]);
  });

  it('does nothing for a document that nobody knows', async () => {
    expect(await run(1)).toBe('kept');
  });
});
