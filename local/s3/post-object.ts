import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Caller, Credentials } from '../contracts.ts';
import { isIssuedKey } from '../iam/credentials.ts';
import { isOfForeignPage } from '../loopback.ts';
import { type AttributeSource, asHeaderBytes, contentAttributes, parseTagging } from './attributes.ts';
import { headerOf, requireShortKey, type S3Call } from './call.ts';
import type { ObjectVersion } from './catalog.ts';
import { requireBucket, type S3Context } from './context.ts';
import { invalidArgument, S3Error } from './errors.ts';
import { type Form, type FormFile, readForm } from './form-data.ts';
import { checksumClaims, entityTooLarge, requestBytes, storeBody } from './payload.ts';
import { enforcePolicy, type PostPolicy, parsePolicy } from './post-policy.ts';
import { checksumHeaders, quoted, replyEmpty, replyXml, versionIdHeader } from './reply.ts';
import { authorizePut, commitObject } from './write-object.ts';
import { element } from './xml.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the form's own placeholder
const FILE_NAME = '${filename}';

/** A browser's form upload: the form's credential is the caller, and its policy says what may be sent. */
export async function postObject(context: S3Context, bucketCall: S3Call): Promise<void> {
  const bucket = requireBucket(context, bucketCall.bucket);
  const form = await readForm(headerOf(bucketCall, 'content-type'), requestBytes(bucketCall));
  const fields = finalFields(form, bucketCall.bucket);
  const call: S3Call = {
    ...bucketCall,
    key: fields.get('key') ?? '',
    exchange: { ...bucketCall.exchange, caller: callerOf(context, bucketCall, fields) },
  };
  const policy = policyOf(fields);
  if (policy) enforcePolicy(policy, fields, Date.now());
  const tags = fields.has('tagging') ? parseTagging(fields.get('tagging') ?? '') : [];
  authorizePut(context, call, tags);
  const content = contentAttributes(fieldSource(fields));

  const checksums = checksumClaims(name => fields.get(name));
  const stored = await storeBody(context.bodies, { source: withinLimits(form.file, policy) }, { checksums });
  const version = commitObject(context, call, {
    stored,
    attributes: { ...content, tags, checksums: stored.checksums, checksumType: 'FULL_OBJECT' },
    event: 'ObjectCreated:Post',
    condition: { absent: false },
  });
  replyUploaded(context, call, fields, version, {
    'x-amz-version-id': versionIdHeader(bucket, version),
    ...checksumHeaders(stored.checksums, 'FULL_OBJECT'),
  });
}

/** The fields as the policy judges them: `${filename}` filled in, and the bucket among them. */
function finalFields({ fields, file }: Form, bucket: string): Map<string, string> {
  const final = new Map<string, string>();
  for (const [name, value] of fields)
    final.set(
      name,
      value.replaceAll(FILE_NAME, () => file.name),
    );
  const named = final.get('bucket');
  if (named !== undefined && named !== bucket) {
    throw invalidArgument('bucket', named, `The form is for the bucket ${named}, but was sent to ${bucket}.`);
  }
  final.set('bucket', bucket);
  const key = final.get('key');
  if (!key)
    throw invalidArgument(
      'key',
      '',
      "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.",
    );
  requireShortKey(key);
  return final;
}

function policyOf(fields: ReadonlyMap<string, string>): PostPolicy | undefined {
  const encoded = fields.get('policy');
  return encoded === undefined ? undefined : parsePolicy(encoded);
}

/**
 * Who signed the form. A key that the cloud never issued is the operator's, as everywhere in the local cloud; its
 * signature cannot be checked.
 * @throws S3Error for a signature or a session token that is not right, and for a page of another site as the operator
 */
function callerOf({ iam }: S3Context, { exchange }: S3Call, fields: ReadonlyMap<string, string>): Caller {
  const credential = fields.get('x-amz-credential');
  const accessKeyId = credential?.split('/')[0] ?? fields.get('awsaccesskeyid'); // the latter by Signature Version 2
  if (accessKeyId === undefined) return exchange.caller;
  const policy = fields.get('policy');
  if (policy === undefined) throw invalidArgument('policy', '', "Bucket POST must contain a field named 'policy'.");
  const issued = iam.credentialsOf(accessKeyId);
  if (!issued) {
    if (isIssuedKey(accessKeyId)) throw unknownKey(accessKeyId);
    if (isOfForeignPage(exchange.headers))
      throw new S3Error('AccessDenied', 'A page of another site is not the operator.');
    return { kind: 'operator', accessKeyId };
  }
  verifyForm(issued, fields, policy);
  return { kind: 'role', accessKeyId, roleArn: issued.roleArn, functionName: issued.functionName };
}

const unknownKey = (accessKeyId: string) =>
  new S3Error('InvalidAccessKeyId', 'The key that signed this form was issued by an earlier run of the local cloud.', {
    details: { AWSAccessKeyId: accessKeyId },
  });

function verifyForm(issued: Credentials, fields: ReadonlyMap<string, string>, policy: string): void {
  const algorithm = fields.get('x-amz-algorithm') ?? '';
  if (algorithm !== 'AWS4-HMAC-SHA256') {
    throw invalidArgument('x-amz-algorithm', algorithm, 'A function must sign a form with AWS4-HMAC-SHA256.');
  }
  const credential = fields.get('x-amz-credential') ?? '';
  const [, date = '', region = '', service, terminator, ...rest] = credential.split('/');
  if (service !== 's3' || terminator !== 'aws4_request' || rest.length > 0) {
    const message = 'The credential must be <key>/<date>/<region>/s3/aws4_request.';
    throw invalidArgument('x-amz-credential', credential, message);
  }
  if (fields.get('x-amz-security-token') !== issued.sessionToken) {
    throw new S3Error('InvalidToken', 'The provided token is malformed or otherwise invalid.');
  }
  const expected = policySignature(issued.secretAccessKey, { date, region }, policy);
  if (equalText(expected, fields.get('x-amz-signature') ?? '')) return;
  throw new S3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  );
}

/** @see "Authenticating requests: browser-based uploads using POST" in the S3 API reference */
function policySignature(secret: string, { date, region }: { date: string; region: string }, policy: string): string {
  const sign = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const signingKey = [region, 's3', 'aws4_request'].reduce(sign, sign(`AWS4${secret}`, date));
  return sign(signingKey, policy).toString('hex');
}

function equalText(expected: string, actual: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(actual)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const fieldSource = (fields: ReadonlyMap<string, string>): AttributeSource => ({
  read: name => {
    const value = fields.get(name);
    return value === undefined ? undefined : asHeaderBytes(value);
  },
  metadata: [...fields].filter(([name]) => name.startsWith('x-amz-meta-')),
});

/** Ends an upload as soon as it is too long, so that a limit also limits what reaches the disk. */
async function* withinLimits({ bytes }: FormFile, policy: PostPolicy | undefined): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (policy && size > policy.maxBytes) throw entityTooLarge(size, policy.maxBytes);
    yield chunk;
  }
  if (!policy || size >= policy.minBytes) return;
  throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    details: { ProposedSize: String(size), MinSizeAllowed: String(policy.minBytes) },
  });
}

type Headers = Readonly<Record<string, string | undefined>>;

function replyUploaded(
  context: S3Context,
  call: S3Call,
  fields: ReadonlyMap<string, string>,
  version: ObjectVersion,
  extra: Headers,
): void {
  const location = `${context.url()}/${call.bucket}/${encodeURIComponent(call.key)}`;
  const headers = { ...extra, etag: quoted(version.etag), location };
  const redirect = redirectOf(fields, call, version);
  const status = fields.get('success_action_status');
  if (redirect) replyEmpty(call, 303, { ...headers, location: redirect });
  else if (status === '201') replyXml(call, postResponse(call, location, version), headers, 201);
  else replyEmpty(call, status === '200' ? 200 : 204, headers); // 204 also for what is no such status
}

const postResponse = (call: S3Call, location: string, version: ObjectVersion) =>
  element('PostResponse', [
    element('Location', location),
    element('Bucket', call.bucket),
    element('Key', call.key),
    element('ETag', quoted(version.etag)),
  ]);

/** @returns undefined for an address that cannot be read: S3 then answers as if none were given */
function redirectOf(fields: ReadonlyMap<string, string>, call: S3Call, version: ObjectVersion): string | undefined {
  const target = fields.get('success_action_redirect') ?? fields.get('redirect');
  const url = target === undefined ? null : URL.parse(target);
  if (!url) return undefined;
  url.searchParams.set('bucket', call.bucket);
  url.searchParams.set('key', call.key);
  url.searchParams.set('etag', quoted(version.etag));
  return url.href;
}
