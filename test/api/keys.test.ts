import { expect, it } from 'vitest';
import type { AuthorizerContext } from '../../lambdas/reader.ts';
import { serve } from './serve.ts';

const administrator: AuthorizerContext = {
  ...{ tenant: 'acme', userId: 'ada', name: 'Ada', role: 'administrator', groups: '[]', apiKeyId: '' },
};
const stranger = { ...administrator, tenant: 'globex' };

it('are told once, and listed without their secret', async () => {
  const { call } = serve();
  const body = { name: 'the intranet', role: 'contributor', groups: ['staff'], expiresInDays: 1 };
  const made = await call('POST', '/keys', { body, authorizer: administrator });
  const { key, ...shown } = made.json;
  expect(key).toMatch(new RegExp(`^gwk_${shown.keyId}_[0-9A-Za-z]{43}$`));
  expect(shown).toMatchObject({ name: 'the intranet', role: 'contributor', groups: ['staff'], createdBy: 'ada' });
  expect(Date.parse(shown.expiresAt) - Date.parse(shown.createdAt)).toBe(86_400_000);
  const list = await call('GET', '/keys', { authorizer: administrator });
  expect(list.json.keys).toEqual([shown]);
  expect(list.body).not.toContain('secret');
});

it('are those of a reader for 90 days where nothing else is said', async () => {
  const { call } = serve();
  const { json } = await call('POST', '/keys', { body: { name: 'x' }, authorizer: administrator });
  expect(json).toMatchObject({ role: 'reader', groups: [] });
  expect(Date.parse(json.expiresAt) - Date.parse(json.createdAt)).toBe(90 * 86_400_000);
});

it("are revoked by their tenant's administrators alone", async () => {
  const { call } = serve();
  const { json } = await call('POST', '/keys', { body: { name: 'x' }, authorizer: administrator });
  const path = `/keys/${json.keyId}`;
  expect((await call('DELETE', path, { authorizer: stranger })).json).toMatchObject({ status: 404 });
  expect((await call('GET', '/keys', { authorizer: stranger })).json.keys).toEqual([]);
  expect((await call('DELETE', path, { authorizer: administrator })).statusCode).toBe(204);
  const list = await call('GET', '/keys', { authorizer: administrator });
  expect(list.json.keys).toMatchObject([{ keyId: json.keyId, revokedAt: expect.any(String) }]);
});

it.each([
  ['no name', {}],
  ['a role that there is not', { name: 'x', role: 'owner' }],
  ['the group of everyone', { name: 'x', groups: ['*'] }],
  ['more than a year', { name: 'x', expiresInDays: 367 }],
  ['a tenant', { name: 'x', tenant: 'globex' }],
])('are not made with %s', async (_, body) => {
  expect((await serve().call('POST', '/keys', { body, authorizer: administrator })).statusCode).toBe(400);
});

it('are for administrators', async () => {
  const { call } = serve();
  const authorizer = { ...administrator, role: 'contributor' };
  const refused = await call('POST', '/keys', { body: { name: 'x' }, authorizer });
  expect(refused.statusCode).toBe(403);
  expect(refused.json).toMatchObject({
    type: '/problems/not-allowed',
    detail: expect.stringContaining('administrator'),
  });
});

it('are made under /iam with the credentials of AWS', async () => {
  const { call } = serve();
  const userArn = 'arn:aws:iam::123456789012:user/ops';
  const { json } = await call('POST', '/iam/keys', { body: { name: 'first', role: 'administrator' }, userArn });
  expect(json).toMatchObject({ role: 'administrator', createdBy: userArn });
});
