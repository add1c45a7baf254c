import { Pinecone } from '@pinecone-database/pinecone';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pineconeIndexControl } from '../../lambdas/vector-index/pinecone-index-control.ts';
import { ensureIndex, type IndexControl, type IndexSpec } from '../../lambdas/vector-index/vector-index.ts';
import { type LocalServices, PINECONE_KEY, startLocalServices } from '../support/local-services.ts';

const spec: IndexSpec = {
  ...{ IndexName: 'groundwork', Dimension: 256, Metric: 'dotproduct' },
  ...{ Cloud: 'aws', Region: 'us-east-1', DeletionProtection: 'enabled' },
};

describe('Pinecone’s control plane', () => {
  let services: LocalServices;
  let control: IndexControl;
  beforeAll(async () => {
    services = await startLocalServices();
    control = pineconeIndexControl(PINECONE_KEY, { retryForMs: 2_000, controllerHostUrl: services.pineconeUrl });
  });
  afterAll(() => services.close());

  it('creates an index that can be used at the host it tells', async () => {
    expect(await control.describe('groundwork')).toBeUndefined();
    const host = await ensureIndex(control, spec, 10_000);
    const index = new Pinecone({ apiKey: PINECONE_KEY }).index({ host, namespace: 'default' });
    await index.upsert({ records: [{ id: 'a', values: new Array<number>(256).fill(1) }] });
    expect((await index.fetch({ ids: ['a'] })).records.a?.id).toBe('a');
    expect(await control.describe('groundwork')).toEqual({
      ...{ dimension: 256, metric: 'dotproduct', deletionProtection: 'enabled' },
    });
  });

  it('takes over the index that is there, and refuses one that does not fit', async () => {
    expect(await control.create(spec)).toBe(false);
    expect(await ensureIndex(control, spec, 10_000)).toContain('groundwork');
    const refused = ensureIndex(control, { ...spec, Dimension: 512 }, 10_000);
    await expect(refused).rejects.toThrow('dimension 256, but the settings ask for 512');
  });

  it('removes an index once it is not protected, and takes an absent one as removed', async () => {
    await expect(control.remove('groundwork')).rejects.toThrow();
    await control.protect('groundwork', 'disabled');
    await control.remove('groundwork');
    await control.remove('groundwork');
    expect(await control.describe('groundwork')).toBeUndefined();
  });

  it('says when the key is not accepted', async () => {
    const stranger = pineconeIndexControl('another-key', { retryForMs: 500, controllerHostUrl: services.pineconeUrl });
    await expect(stranger.describe('groundwork')).rejects.toThrow(/API key/);
  });
});
