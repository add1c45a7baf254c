import { describe, expect, it } from 'vitest';
import { identityRulesSchema } from '../lambdas/identity/identity-rules.ts';
import { type AuthorizerContext, admit, mayManage, mayRead, readerOf } from '../lambdas/reader.ts';
import { passageOf } from './chat/passages.ts';
import { ann } from './chat/turns.ts';
import { requestOf } from './http/events.ts';

const rules = identityRulesSchema.parse({});
const context: AuthorizerContext = {
  ...{ tenant: 'acme', userId: 'u1', name: 'Ann', role: 'contributor', groups: '["staff","hr"]', apiKeyId: '' },
};

describe('readerOf', () => {
  it('is whom the authorizer verified, whatever the client says of itself', () => {
    const request = requestOf({ authorizer: context, headers: { 'x-tenant': 'other' }, query: { tenant: 'other' } });
    expect(readerOf(request, rules)).toEqual({
      ...{ tenant: 'acme', userId: 'u1', name: 'Ann', role: 'contributor', groups: ['staff', 'hr'] },
      readsOpenDocuments: true,
    });
  });

  it('is a program by its key, which has no name', () => {
    const request = requestOf({ authorizer: { ...context, name: '', apiKeyId: 'key-1' } });
    const reader = readerOf(request, rules);
    expect(reader.apiKeyId).toBe('key-1');
    expect(reader).not.toHaveProperty('name');
  });

  it('reads no open documents where nobody does', () => {
    const closed = identityRulesSchema.parse({ openDocuments: 'nobody' });
    expect(readerOf(requestOf({ authorizer: context }), closed).readsOpenDocuments).toBe(false);
  });

  it('is nobody without a verified identity', () => {
    const request = requestOf({ apiKeyId: null, headers: { 'x-api-key': 'x', authorization: 'Bearer x' } });
    expect(() => readerOf(request, rules)).toThrow('no verified identity');
  });

  it.each<Partial<AuthorizerContext>>([
    { role: 'owner' },
    { groups: 'staff' },
    { groups: '{}' },
    { tenant: 'a/b' },
    { userId: '' },
  ])('refuses what is no context of the authorizer: %j', change => {
    expect(() => readerOf(requestOf({ authorizer: { ...context, ...change } }), rules)).toThrow();
  });

  describe('with AWS credentials', () => {
    const role = 'arn:aws:iam::123456789012:role/deployments/Indexer';
    const services = [{ principal: role, tenant: 'acme', role: 'contributor', groups: ['staff'] }];
    const known = identityRulesSchema.parse({ services });
    const session = (name: string) => `arn:aws:sts::123456789012:assumed-role/${name}/i-0123`;

    it('is the service of the settings, by the role behind the session', () => {
      expect(readerOf(requestOf({ userArn: session('Indexer') }), known)).toEqual({
        ...{ tenant: 'acme', role: 'contributor', groups: ['staff'], readsOpenDocuments: true },
        userId: 'arn:aws:iam::123456789012:role/Indexer',
      });
    });

    it('is an administrator of the default tenant where IAM alone decides', () => {
      const user = 'arn:aws:iam::123456789012:user/ops/ann';
      expect(readerOf(requestOf({ userArn: user }), known)).toMatchObject({ tenant: 'default', role: 'administrator' });
      expect(readerOf(requestOf({ userArn: session('Other') }), known).role).toBe('administrator');
      expect(
        readerOf(requestOf({ userArn: session('Indexer').replace('123456789012', '999999999999') }), known),
      ).toEqual(expect.objectContaining({ role: 'administrator' }));
    });
  });
});

describe('admit', () => {
  it('asks for at least the role, and tells which one it takes', () => {
    const asking = (role: string) => requestOf({ authorizer: { ...context, role } });
    expect(admit(asking('administrator'), rules, 'contributor')).toMatchObject({ userId: 'u1', role: 'administrator' });
    expect(admit(asking('contributor'), rules, 'contributor').role).toBe('contributor');
    const refused = { kind: 'not-allowed', role: 'reader', needed: 'contributor' };
    expect(() => admit(asking('reader'), rules, 'contributor')).toThrow(expect.objectContaining({ error: refused }));
  });
});

describe('mayRead', () => {
  const { head } = passageOf({ text: 'x' });

  it('lets a tenant read what is open to all of it', () => {
    expect(mayRead(ann, head)).toBe(true);
    expect(mayRead({ ...ann, tenant: 'other' }, head)).toBe(false);
  });

  it('lets only members read what is open to groups, and nobody when there is none', () => {
    const staff = { ...ann, groups: ['staff'] };
    expect(mayRead(staff, { ...head, groups: ['staff', 'board'] })).toBe(true);
    expect(mayRead(ann, { ...head, groups: ['staff'] })).toBe(false);
    expect(mayRead(staff, { ...head, groups: [] })).toBe(false);
  });

  it('lets nobody read what names no groups where that is so', () => {
    expect(mayRead({ ...ann, readsOpenDocuments: false }, head)).toBe(false);
  });

  it('lets nobody read a deleted document', () => {
    expect(mayRead(ann, { ...head, status: 'DELETED' })).toBe(false);
  });
});

describe('mayManage', () => {
  const { head } = passageOf({ text: 'x' });
  const contributor = { ...ann, role: 'contributor' as const };

  it('lets contributors see what their tenant has, readers only what they may read', () => {
    expect(mayManage(contributor, { ...head, groups: [] })).toBe(true);
    expect(mayManage(ann, { ...head, groups: [] })).toBe(false);
    expect(mayManage(ann, head)).toBe(true);
  });

  it('ends at the tenant and with the document', () => {
    expect(mayManage({ ...contributor, tenant: 'other' }, head)).toBe(false);
    expect(mayManage(contributor, { ...head, status: 'DELETED' })).toBe(false);
  });
});
