import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUri, signHeaders, signQuery } from '../../../lambdas/adapters/aws/signature.ts';
import { Sha256 } from '../../support/sha256.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const scopes = ['dynamodb', 'bedrock', 'secretsmanager', 's3'].flatMap(service =>
  [credentials, { ...credentials, sessionToken: 'token/+=' }].map(whose => ({
    service,
    region: 'eu-central-1',
    credentials: whose,
  })),
);
const hostname = 'service.eu-central-1.amazonaws.com';
const signerOf = ({ service, region, credentials: whose }: (typeof scopes)[number]) =>
  new SignatureV4({
    service,
    region,
    credentials: whose,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: service === 's3',
  });

const path = fc
  .array(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter(part => !['.', '..'].includes(part)),
    { minLength: 1 },
  )
  .map(parts => `/${parts.map(encodeUri).join('/')}`);
const query = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 5 }).filter(name => !/^(?:x-amz-|__proto__)/i.test(name)),
  fc.string(),
);
const now = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
const unsigned = new Set(['x-amz-content-sha256']);
const body = fc.string({ unit: 'grapheme' });
const target = fc.stringMatching(/^[!-~]( ?[!-~]){0,20}$/);

describe.each(scopes)('a signature for $service', scope => {
  it('of a request is the AWS SDK’s', async () => {
    const property = fc.asyncProperty(path, query, body, target, now, async (at, asked, sent, header, time) => {
      const headers = { host: hostname, 'content-type': 'application/json', 'x-amz-target': header };
      const request = { method: 'POST', protocol: 'https:', hostname, path: at, query: asked, headers, body: sent };
      const theirs = await signerOf(scope).sign(request, { signingDate: time });
      const ours = signHeaders({ method: 'POST', path: at, query: asked, headers, body: sent }, scope, time);
      expect(ours.authorization).toBe(theirs.headers.authorization);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

describe.each(scopes.filter(({ service }) => service === 's3'))('a signature for $service', scope => {
  it('of a link is the AWS SDK’s', async () => {
    const property = fc.asyncProperty(
      path,
      query,
      now,
      fc.integer({ min: 1, max: 604_800 }),
      async (at, asked, time, expiresIn) => {
        const request = {
          method: 'GET',
          protocol: 'https:',
          hostname,
          path: at,
          query: asked,
          headers: { host: hostname, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        };
        const theirs = await signerOf(scope).presign(request, {
          signingDate: time,
          expiresIn,
          unhoistableHeaders: unsigned,
          unsignableHeaders: unsigned,
        });
        const ours = signQuery({ path: at, query: asked, host: hostname }, scope, {
          now: time,
          expiresSeconds: expiresIn,
        });
        expect(ours).toMatchObject({ 'X-Amz-Expires': String(expiresIn) });
        expect(theirs.query).toMatchObject(ours);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });
});
