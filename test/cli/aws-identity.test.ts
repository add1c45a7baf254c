import { SignatureV4 } from '@smithy/signature-v4';
import { expect, it } from 'vitest';
import { awsIdentity } from '../../cli/aws-identity.ts';
import { Sha256 } from '../support/sha256.ts';

const restUrl = 'https://id.execute-api.eu-central-1.amazonaws.com/v1/';
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token/+=' };
const caller = { region: 'eu-central-1', credentials: async () => credentials };

it.each([
  { method: 'GET', path: 'documents?prefix=a%20b%2Fc&limit=5', body: undefined },
  { method: 'POST', path: 'chat', body: '{"message":"Wie spät?"}' },
  { method: 'GET', path: 'documents/%E2%82%AC%2B1', body: undefined },
])('signs $method $path for its route below /iam/, as the AWS SDK does', async ({ method, path, body }) => {
  const headers = { accept: 'text/event-stream' };
  const request = { method, url: new URL(path, restUrl), headers, body };
  const signed = await awsIdentity(restUrl, caller).sign(request);
  expect(signed.url.pathname).toBe(`/v1/iam/${path.split('?')[0]}`);
  expect(Object.fromEntries(signed.url.searchParams)).toEqual(Object.fromEntries(request.url.searchParams));
  expect(signed).toMatchObject({ method, body });
  expect(signed.headers).not.toHaveProperty('host'); // fetch sends it

  const time = signed.headers['x-amz-date'] ?? '';
  const signingDate = new Date(time.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5'));
  const signer = new SignatureV4({
    service: 'execute-api',
    region: caller.region,
    credentials,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { hostname, protocol } = signed.url;
  const expected = await signer.sign(
    {
      ...{ method, protocol, hostname, path: signed.url.pathname, query: Object.fromEntries(signed.url.searchParams) },
      ...{ headers: { ...headers, host: hostname }, ...(body !== undefined && { body }) },
    },
    { signingDate },
  );
  expect(signed.headers.authorization).toBe(expected.headers.authorization);
});
