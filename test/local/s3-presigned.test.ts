import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credentials } from '../../local/contracts.ts';
import { bucketSpec, QUEUE, startS3, storedBodies, type TestS3 } from './s3-fixture.ts';

const Bucket = 'signed-bucket';
const objects = `arn:aws:s3:::${Bucket}/*`;
let cloud: TestS3;
let writer: Credentials;
let writerClient: S3Client;
let operator: S3Client;

beforeAll(async () => {
  cloud = await startS3();
  cloud.s3.putBucket(bucketSpec(Bucket, { notifications: [{ queueArn: QUEUE, events: ['s3:ObjectCreated:*'] }] }));
  writer = cloud.role('writer', [{ Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: objects }]);
  writerClient = cloud.client({ credentials: writer, requestChecksumCalculation: 'WHEN_REQUIRED' });
  operator = cloud.client();
});
afterAll(() => cloud.close());

const request = (url: string, init: RequestInit = {}) =>
  fetch(url, { signal: AbortSignal.timeout(10_000), redirect: 'manual', ...init });
async function read(Key: string) {
  const { Body, ...rest } = await operator.send(new GetObjectCommand({ Bucket, Key }));
  return { ...rest, text: await Body?.transformToString() };
}

describe('a presigned URL', () => {
  it('lets anybody write and read what it was signed for', async () => {
    const upload = await getSignedUrl(
      writerClient,
      new PutObjectCommand({ Bucket, Key: 'docs/a b+c.md', Metadata: { a: '1' } }),
    );
    expect((await request(upload, { method: 'PUT', body: 'text' })).status).toBe(200);
    expect(await read('docs/a b+c.md')).toMatchObject({ text: 'text', Metadata: { a: '1' } });
    const download = await getSignedUrl(writerClient, new GetObjectCommand({ Bucket, Key: 'docs/a b+c.md' }));
    expect(await (await request(download)).text()).toBe('text');
  });

  it('is refused for another key, method or time', async () => {
    const url = await getSignedUrl(writerClient, new GetObjectCommand({ Bucket, Key: 'docs/a' }));
    expect((await request(url.replace('docs/a', 'docs/b'))).status).toBe(403);
    expect((await request(url, { method: 'DELETE' })).status).toBe(403);
    const signingDate = new Date(Date.now() - 120_000);
    const expired = await getSignedUrl(writerClient, new GetObjectCommand({ Bucket, Key: 'docs/a' }), {
      expiresIn: 60,
      signingDate,
    });
    const refused = await request(expired);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('Request has expired');
  });

  it('replaces response headers as it was signed to', async () => {
    await operator.send(new PutObjectCommand({ Bucket, Key: 'page', Body: 'x', ContentType: 'text/html' }));
    const get = new GetObjectCommand({
      Bucket,
      Key: 'page',
      ResponseContentType: 'text/plain',
      ResponseContentDisposition: 'attachment; filename="Grüße.txt"',
    });
    const { headers } = await request(await getSignedUrl(writerClient, get));
    expect(headers.get('content-type')).toBe('text/plain');
    expect(headers.get('content-disposition')).toContain('Grüße.txt'); // fetch reads the bytes as UTF-8
  });

  it('with the checksum of an empty body refuses another body, as S3 does', async () => {
    const careless = cloud.client({ credentials: writer }); // the SDK's default, which signs the checksum of nothing
    const url = await getSignedUrl(careless, new PutObjectCommand({ Bucket, Key: 'careless' }));
    expect(url).toContain('x-amz-checksum-crc32=AAAAAA');
    const refused = await request(url, { method: 'PUT', body: 'text' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('<Code>BadDigest</Code>');
    expect((await request(url, { method: 'PUT', body: '' })).status).toBe(200);
  });
});

describe('a presigned form', () => {
  const form = (Key: string, options: Partial<PresignedPostOptions> = {}, client = writerClient) =>
    createPresignedPost(client, { Bucket, Key, Expires: 600, ...options });

  function send(
    { url, fields }: Awaited<ReturnType<typeof form>>,
    file: Blob | string = 'text',
    extra: Record<string, string> = {},
    name = 'upload.txt',
  ) {
    const body = new FormData();
    for (const [field, value] of Object.entries({ ...fields, ...extra })) body.set(field, value);
    body.set('file', typeof file === 'string' ? new Blob([file]) : file, name);
    return request(url, { method: 'POST', body });
  }
  const codeOf = async (response: Response) => /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];

  it('uploads a file with its metadata', async () => {
    const Fields = { 'Content-Type': 'text/markdown', 'x-amz-meta-title': 'Grüße' };
    const response = await send(await form('form/a', { Fields }), 'from a form');
    expect(response.status).toBe(204);
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await read('form/a')).toMatchObject({
      text: 'from a form',
      ContentType: 'text/markdown',
      Metadata: { title: `=?UTF-8?B?${Buffer.from('Grüße').toString('base64')}?=` },
    });
    expect(cloud.events().at(-1)).toMatchObject({
      eventName: 'ObjectCreated:Post',
      userIdentity: { principalId: `AWS:${writer.accessKeyId}` },
    });
  });

  it('keeps a large file byte for byte, whatever looks like a boundary in it', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\r\n--\r\n------\r\n'),
      Buffer.alloc(3_000_000, '\r\n-'),
      Buffer.from('\r\n--'),
    ]);
    expect((await send(await form('form/large'), new Blob([bytes]))).status).toBe(204);
    const { Body } = await operator.send(new GetObjectCommand({ Bucket, Key: 'form/large' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  it('puts the name of the file into the key', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own placeholder
    const presigned = await form('form/named/${filename}');
    expect((await send(presigned, 'x', {}, 'Bericht $& 1.md')).status).toBe(204);
    expect((await read('form/named/Bericht $& 1.md')).text).toBe('x');
  });

  it('answers as its fields ask', async () => {
    const created = await send(await form('form/s', { Fields: { success_action_status: '201' } }));
    expect(created.status).toBe(201);
    expect(await created.text()).toContain(`<Bucket>${Bucket}</Bucket><Key>form/s</Key>`);
    const Fields = { success_action_redirect: 'https://example.com/done?a=1' };
    const redirected = await send(await form('form/s', { Fields }));
    expect(redirected.status).toBe(303);
    const location = new URL(redirected.headers.get('location') ?? '');
    expect(location.origin).toBe('https://example.com');
    expect(Object.fromEntries(location.searchParams)).toMatchObject({ a: '1', bucket: Bucket, key: 'form/s' });
  });

  it('limits the size of the file, and keeps nothing of a longer one', async () => {
    const presigned = await form('form/size', { Conditions: [['content-length-range', 2, 10]] });
    const before = storedBodies(cloud);
    expect(await codeOf(await send(presigned, 'x'))).toBe('EntityTooSmall');
    expect(await codeOf(await send(presigned, 'x'.repeat(2_000_000)))).toBe('EntityTooLarge');
    expect(storedBodies(cloud)).toEqual(before);
    expect((await send(presigned, 'exactly 10')).status).toBe(204);
  });

  it.each<[string, Record<string, string>]>([
    ['another key', { key: 'form/other' }],
    ['another type', { 'Content-Type': 'text/html' }],
    ['a field that no condition names', { 'x-amz-meta-more': '1' }],
  ])('refuses %s', async (_, extra) => {
    const presigned = await form('form/policy', { Fields: { 'Content-Type': 'text/plain' } });
    const refused = await send(presigned, 'x', extra);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('Invalid according to Policy');
  });

  it('obeys starts-with', async () => {
    const Conditions: PresignedPostOptions['Conditions'] = [['starts-with', '$Content-Type', 'image/']];
    const presigned = await form('form/image', { Conditions });
    expect((await send(presigned, 'x', { 'Content-Type': 'image/png' })).status).toBe(204);
    expect((await send(presigned, 'x', { 'Content-Type': 'text/html' })).status).toBe(403);
  });

  it('is refused when expired, changed, or sent to another bucket', async () => {
    cloud.s3.putBucket(bucketSpec('another-bucket'));
    const presigned = await form('form/x');
    const elsewhere = { ...presigned, url: presigned.url.replace(Bucket, 'another-bucket') };
    expect((await send(elsewhere)).status).toBe(400);
    expect((await send({ ...elsewhere, fields: { ...presigned.fields, bucket: 'another-bucket' } })).status).toBe(403);

    const policy = (expiration: string) =>
      Buffer.from(JSON.stringify({ expiration, conditions: [] })).toString('base64');
    const rewritten = await send(presigned, 'x', { Policy: policy('2099-01-01T00:00:00Z') });
    expect(await codeOf(rewritten)).toBe('SignatureDoesNotMatch');
    expect(await codeOf(await send(presigned, 'x', { 'X-Amz-Security-Token': 'other' }))).toBe('InvalidToken');

    const expired = await form('form/x', {}, operator);
    const late = await send(expired, 'x', { Policy: policy('2020-01-01T00:00:00Z') });
    expect(await late.text()).toContain('Policy expired');
  });

  it('gives no more than the role that signed it has', async () => {
    const reader = cloud.role('form-reader', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: objects }]);
    const refused = await send(await form('form/x', {}, cloud.client({ credentials: reader })));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('form-reader may not s3:PutObject');
    const anonymous = await send({ url: `${cloud.url}/${Bucket}`, fields: { key: 'form/x' } });
    expect(await codeOf(anonymous)).toBe('AccessDenied');
    const forged = { ...(await form('form/x')), url: `${cloud.url}/${Bucket}` };
    const stale = writer.accessKeyId.replace(/.$/, last => (last === 'A' ? 'B' : 'A'));
    const credential = forged.fields['X-Amz-Credential']?.replace(writer.accessKeyId, stale) ?? '';
    expect(await codeOf(await send(forged, 'x', { 'X-Amz-Credential': credential }))).toBe('InvalidAccessKeyId');
  });

  it('is not the operator’s from a page of another site, since nobody can check who signed it', async () => {
    const { url, fields } = await form('form/foreign', {}, operator);
    const body = new FormData();
    for (const [field, value] of Object.entries({ ...fields, file: 'text' })) body.set(field, value);
    const refused = await request(url, { method: 'POST', body, headers: { origin: 'https://attacker.example' } });
    expect(await codeOf(refused)).toBe('AccessDenied');
  });

  it('must be a form with a key and a file', async () => {
    const post = (body: string, type: string) =>
      request(`${cloud.url}/${Bucket}`, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await codeOf(await post('x', 'text/plain'))).toBe('MalformedPOSTRequest');
    expect(await codeOf(await post('--b\r\nContent-Disp', 'multipart/form-data; boundary=b'))).toBe(
      'MalformedPOSTRequest',
    );
    const body = new FormData();
    body.set('key', 'a');
    expect(await codeOf(await request(`${cloud.url}/${Bucket}`, { method: 'POST', body }))).toBe('InvalidArgument');
    body.set('note', 'x'.repeat(30_000));
    body.set('file', new Blob(['x']));
    const long = await request(`${cloud.url}/${Bucket}`, { method: 'POST', body });
    expect(await codeOf(long)).toBe('MaxPostPreDataLengthExceededError');
  });

  it('stores what is head of the object', async () => {
    await send(await form('form/head'), 'x');
    expect((await operator.send(new HeadObjectCommand({ Bucket, Key: 'form/head' }))).ContentLength).toBe(1);
  });
});
