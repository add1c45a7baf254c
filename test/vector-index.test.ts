import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reply } from '../lambdas/custom-resource-reply.ts';
import { type CustomResourcePorts, handleRequest } from '../lambdas/vector-index/custom-resource.ts';
import type { ExistingIndex, IndexControl, IndexSpec } from '../lambdas/vector-index/vector-index.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from './support/scripted-server.ts';

const properties = {
  ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:creator',
  IndexName: 'groundwork',
  Dimension: '1024',
  Metric: 'dotproduct',
  Cloud: 'aws',
  Region: 'us-east-1',
  DeletionProtection: 'disabled',
  OnDelete: 'destroy',
};
type Changes = Partial<Record<keyof typeof properties, string>>;
const common = {
  ServiceToken: properties.ServiceToken,
  ResponseURL: 'https://cloudformation.test/answer',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Index',
  ResourceType: 'Custom::PineconeIndex',
};
const create = (changes: Changes = {}): CloudFormationCustomResourceEvent => ({
  ...{ ...common, RequestType: 'Create', ResourceProperties: { ...properties, ...changes } },
});
const update = (changes: Changes, PhysicalResourceId = 'groundwork'): CloudFormationCustomResourceEvent => ({
  ...{ ...common, RequestType: 'Update', PhysicalResourceId },
  ...{ ResourceProperties: { ...properties, ...changes }, OldResourceProperties: properties },
});
const remove = (PhysicalResourceId: string, changes: Changes = {}): CloudFormationCustomResourceEvent => ({
  ...{ ...common, RequestType: 'Delete', PhysicalResourceId, ResourceProperties: { ...properties, ...changes } },
});

/** The vector service's control plane in memory. */
function inMemoryControl() {
  const indexes = new Map<string, ExistingIndex>();
  const control: IndexControl = {
    describe: async name => indexes.get(name),
    async create({ IndexName, Dimension, Metric, DeletionProtection }: IndexSpec) {
      if (indexes.has(IndexName)) return false;
      indexes.set(IndexName, { dimension: Dimension, metric: Metric, deletionProtection: DeletionProtection });
      return true;
    },
    waitUntilReady: async name => `${name}.pinecone.test`,
    async protect(name, deletionProtection) {
      const index = indexes.get(name);
      if (index) indexes.set(name, { ...index, deletionProtection });
    },
    async remove(name) {
      indexes.delete(name);
    },
  };
  return { control, indexes };
}

describe('the vector index of a stack', () => {
  let service: ReturnType<typeof inMemoryControl>;
  let ports: CustomResourcePorts;
  beforeEach(() => {
    service = inMemoryControl();
    ports = { readKey: async () => 'pcsk_secret', controlFor: () => service.control };
  });
  const handle = (event: CloudFormationCustomResourceEvent, timeoutMs = 5_000) =>
    handleRequest(ports, event, timeoutMs);
  const success = { status: 'SUCCESS', physicalId: 'groundwork', attributes: { Host: 'groundwork.pinecone.test' } };
  const plain: ExistingIndex = { dimension: 1024, metric: 'dotproduct', deletionProtection: 'disabled' };

  it('is created as the settings ask, and tells its host', async () => {
    expect(await handle(create({ DeletionProtection: 'enabled' }))).toEqual(success);
    expect(service.indexes.get('groundwork')).toEqual({ ...plain, deletionProtection: 'enabled' });
  });

  it('is taken over when one of its name fits, with the protection asked for', async () => {
    service.indexes.set('groundwork', plain);
    expect(await handle(create({ DeletionProtection: 'enabled' }))).toEqual(success);
    expect(service.indexes.get('groundwork')).toEqual({ ...plain, deletionProtection: 'enabled' });
  });

  it('is taken over when another creates it at the same moment', async () => {
    const { describe: find } = service.control;
    service.control.describe = async name => {
      service.control.describe = find;
      const before = await find(name);
      service.indexes.set('groundwork', plain);
      return before;
    };
    expect(await handle(create())).toEqual(success);
  });

  it.each([
    ['dimension', { ...plain, dimension: 512 }, ['dimension 512', 'ask for 1024']],
    ['metric', { ...plain, metric: 'cosine' }, ['metric cosine', 'ask for dotproduct']],
    ['kind', { ...plain, dimension: undefined, metric: undefined }, ['dimension none', 'metric none']],
  ])('is refused when one of its name has another %s, naming both and the way out', async (_, existing, words) => {
    service.indexes.set('groundwork', existing);
    const outcome = await handle(create());
    expect(outcome).toMatchObject({ status: 'FAILED' });
    const reason = outcome.status === 'FAILED' ? outcome.reason : '';
    for (const word of [...words, 'another index name']) expect(reason).toContain(word);
  });

  it('that was refused is left alone when CloudFormation rolls back', async () => {
    service.indexes.set('groundwork', { ...plain, dimension: 512 });
    const { physicalId } = await handle(create());
    expect(await handle(remove(physicalId))).toMatchObject({ status: 'SUCCESS' });
    expect(service.indexes.has('groundwork')).toBe(true);
  });

  it('is updated in place, or replaced under a new name', async () => {
    service.indexes.set('groundwork', plain);
    await handle(update({ DeletionProtection: 'enabled' }));
    expect(service.indexes.get('groundwork')).toMatchObject({ deletionProtection: 'enabled' });
    expect(await handle(update({ IndexName: 'other', Dimension: '512' }))).toMatchObject({ physicalId: 'other' });
    expect(service.indexes.get('other')).toMatchObject({ dimension: 512 });
  });

  it('keeps its physical id when an update fails, so that nothing is replaced', async () => {
    service.indexes.set('groundwork', plain);
    expect(await handle(update({ Dimension: '512' }))).toMatchObject({ status: 'FAILED', physicalId: 'groundwork' });
    expect(service.indexes.get('groundwork')).toEqual(plain);
  });

  it('is destroyed with the stack only where the settings say so', async () => {
    service.indexes.set('groundwork', plain);
    expect(await handle(remove('groundwork', { OnDelete: 'retain' }))).toMatchObject({ status: 'SUCCESS' });
    expect(service.indexes.has('groundwork')).toBe(true);
    expect(await handle(remove('groundwork'))).toMatchObject({ status: 'SUCCESS' });
    expect(service.indexes.has('groundwork')).toBe(false);
    expect(await handle(remove('groundwork'))).toMatchObject({ status: 'SUCCESS' });
  });

  it('fails before its time is up, rather than leave CloudFormation waiting', async () => {
    service.control.waitUntilReady = () => new Promise(() => undefined);
    const outcome = await handle(create(), 50);
    expect(outcome).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('not ready') });
  });

  it('fails with all wrong properties named', async () => {
    const outcome = await handle(create({ Dimension: 'many', Metric: 'hamming', IndexName: 'Bad_Name' }));
    const reason = outcome.status === 'FAILED' ? outcome.reason : '';
    for (const name of ['Dimension', 'Metric', 'IndexName']) expect(reason).toContain(name);
  });

  it('tells no secret when it fails', async () => {
    service.control.describe = () => Promise.reject(new Error('key pcsk_secret was rejected'));
    expect(await handle(create())).toMatchObject({ status: 'FAILED', reason: 'key … was rejected' });
  });
});

describe('the reply to CloudFormation', () => {
  let server: ScriptedServer | undefined;
  afterEach(() => server?.close());
  const start = async (script: (count: number) => ScriptedReply) => {
    server = await startScriptedServer((_, count) => script(count));
    return { server, event: { ...create(), ResponseURL: `${server.url}/answer?signature=x` } };
  };
  const success = { status: 'SUCCESS', physicalId: 'groundwork', attributes: { Host: 'h' } } as const;

  it('is put where it waits, without a content type', async () => {
    const { server, event } = await start(() => ({ status: 200 }));
    await reply(event, success, 2_000);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'PUT', path: '/answer?signature=x' });
    expect(request?.headers['content-type']).toBeUndefined();
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...{ Status: 'SUCCESS', PhysicalResourceId: 'groundwork', Data: { Host: 'h' } },
      ...{ StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Index' },
    });
  });

  it('holds at most 4 KB, however long the reason is', async () => {
    const { server, event } = await start(() => ({ status: 200 }));
    await reply(event, { status: 'FAILED', physicalId: 'groundwork', reason: '€'.repeat(5_000) }, 2_000);
    const body = server.requests[0]?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThan(4_096);
    expect(JSON.parse(body)).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/^€+ …$/) });
  });

  it('is sent again when it did not arrive, and its refusal is an error', async () => {
    const { server, event } = await start(count => (count === 1 ? { status: 503 } : { status: 200 }));
    await reply(event, success, 5_000);
    expect(server.requests).toHaveLength(2);
    await server.close();
    const refusing = await start(() => ({ status: 403 }));
    await expect(reply(refusing.event, success, 1_000)).rejects.toThrow('403');
  });
});
