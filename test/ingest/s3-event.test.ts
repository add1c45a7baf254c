import { describe, expect, it } from 'vitest';
import { tenantOfKey } from '../../lambdas/ingest/document-key.ts';
import { parseS3Event } from '../../lambdas/ingest/s3-event.ts';

const record = (eventName: string, object: Record<string, unknown>) => ({
  eventName,
  eventSource: 'aws:s3',
  s3: { bucket: { name: 'docs' }, object: { sequencer: '0A', ...object } },
});
const message = (...Records: unknown[]) => JSON.stringify({ Records });

describe('an S3 event', () => {
  it('tells of an upload, its key decoded', () => {
    const object = { key: 'documents/Prix+%2B+co%C3%BBts.md', size: 12, eTag: 'abc', versionId: 'v1' };
    expect(parseS3Event(message(record('ObjectCreated:CompleteMultipartUpload', object)))).toEqual([
      {
        kind: 'created',
        upload: {
          ...{ tenant: 'default', key: 'documents/Prix + coûts.md', s3VersionId: 'v1' },
          ...{ eTag: 'abc', size: 12, sequencer: '0A' },
        },
      },
    ]);
  });

  it('tells a delete marker from a deletion of one version', () => {
    const object = { key: 'tenants/acme/documents/a.md', versionId: 'v2' };
    const told = { tenant: 'acme', key: 'tenants/acme/documents/a.md', sequencer: '0A' };
    expect(parseS3Event(message(record('ObjectRemoved:DeleteMarkerCreated', object)))).toEqual([
      { kind: 'deleted', ...told },
    ]);
    expect(parseS3Event(message(record('ObjectRemoved:Delete', object)))).toEqual([
      { kind: 'version-deleted', ...told },
    ]);
    expect(parseS3Event(message(record('LifecycleExpiration:DeleteMarkerCreated', object)))).toEqual([
      { kind: 'deleted', ...told },
    ]);
  });

  it('may come with others in one message', () => {
    const created = (key: string) => record('ObjectCreated:Put', { key, size: 1, eTag: 'e' });
    const events = parseS3Event(
      message(created('documents/a.md'), created('elsewhere/b.md'), created('documents/c.md')),
    );
    expect(events.map(event => event.kind === 'created' && event.upload.key)).toEqual([
      'documents/a.md',
      'documents/c.md',
    ]);
  });

  it('of a test, or of another kind, tells nothing', () => {
    expect(parseS3Event(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'docs' }))).toEqual([]);
    expect(parseS3Event(message(record('ObjectTagging:Put', { key: 'documents/a.md' })))).toEqual([]);
  });

  it('is refused when it is none', () => {
    expect(() => parseS3Event('{"hello":1}')).toThrow();
    expect(() => parseS3Event('not json')).toThrow();
    expect(() => parseS3Event(message(record('ObjectCreated:Put', { key: 'documents/a.md' })))).toThrow('no eTag');
  });
});

describe('the objects that are documents', () => {
  it.each([
    ['documents/a.md', 'default'],
    ['documents/deep/er/a.md', 'default'],
    ['tenants/acme/documents/a.md', 'acme'],
    ['tenants/acme/documents/x/a.md', 'acme'],
  ])('%s belongs to %s', (key, tenant) => {
    expect(tenantOfKey(key)).toBe(tenant);
  });

  it.each([
    'documents/',
    'documents/folder/',
    'documents/a.pdf.metadata.json',
    'documents/.DS_Store',
    'documents/.git/config',
    'tenants/.acme/documents/a.md',
    'tenants//documents/a.md',
    'tenants/acme/documents',
    'tenants/acme/documents/',
    'tenants/acme/processed/a.md',
    'failed/a.md',
    'documents',
    'a.md',
  ])('%s is none', key => {
    expect(tenantOfKey(key)).toBeUndefined();
  });
});
