import { describe, expect, it } from 'vitest';
import { mayManage, mayRead, readerOf } from '../lambdas/reader.ts';
import { passageOf } from './chat/passages.ts';
import { ann } from './chat/turns.ts';
import { requestOf } from './http/events.ts';

describe('readerOf', () => {
  it('is the verified API key, whatever the client says of itself', () => {
    const request = requestOf({ apiKeyId: 'key-1', headers: { 'x-tenant': 'other' }, query: { tenant: 'other' } });
    expect(readerOf(request)).toEqual({
      tenant: 'default',
      userId: 'key-1',
      apiKeyId: 'key-1',
      groups: [],
      contributor: true,
    });
  });

  it('is nobody without a verified key', () => {
    expect(() => readerOf(requestOf({ apiKeyId: null, headers: { 'x-api-key': 'x' } }))).toThrow('API key');
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

  it('lets nobody read a deleted document', () => {
    expect(mayRead(ann, { ...head, status: 'DELETED' })).toBe(false);
  });
});

describe('mayManage', () => {
  const { head } = passageOf({ text: 'x' });
  const contributor = { ...ann, contributor: true };

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
