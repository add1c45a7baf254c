import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { claimsOf } from '../../lambdas/identity/claims.ts';
import { handler } from '../../lambdas/identity/claims-handler.ts';

const claims = (groups: readonly string[], attributes: Record<string, string> = {}) => claimsOf({ groups, attributes });

describe('the claims of a user', () => {
  it('makes whoever is in no group a reader of the default tenant', () => {
    expect(claims([])).toEqual({
      'groundwork:tenant': 'default',
      'groundwork:role': 'reader',
      'groundwork:groups': [],
    });
  });

  it.each([
    [['contributors'], 'contributor'],
    [['administrators'], 'administrator'],
    [['contributors', 'administrators'], 'administrator'],
    [['Administrators', 'administrator', 'toString'], 'reader'],
  ])('takes the role from the groups of the pool: %j', (groups, role) => {
    expect(claims(groups)['groundwork:role']).toBe(role);
  });

  it('takes every other group for one of readers, with those of a provider, each once', () => {
    const found = claims(['staff', 'administrators', 'board'], { 'custom:groups': 'board, legal ,' });
    expect(found['groundwork:groups']).toEqual(['staff', 'board', 'legal']);
  });

  it.each([
    ['[legal, staff]', ['legal', 'staff']],
    ['["legal","the board"]', ['legal', 'the board']],
    ['', []],
    [' , ,', []],
    ['*,legal', ['legal']],
  ])('reads the list of a provider: %j', (text, groups) => {
    expect(claims([], { 'custom:groups': text })['groundwork:groups']).toEqual(groups);
  });

  it('leaves out what is too long for the name of a group', () => {
    const groups = ['x'.repeat(129), 'x'.repeat(128)];
    expect(claims([], { 'custom:groups': groups.join() })['groundwork:groups']).toEqual(['x'.repeat(128)]);
  });

  it('takes no role from a provider', () => {
    expect(claims([], { 'custom:groups': 'administrators', 'custom:role': 'administrator' })).toMatchObject({
      'groundwork:role': 'reader',
    });
  });

  it('takes the tenant from the attribute that users cannot write', () => {
    expect(claims([], { 'custom:tenant': 'acme' })['groundwork:tenant']).toBe('acme');
  });

  it.each(['../acme', 'a/b', 'acme globex', 'a#b'])('makes no token for a tenant that cannot be: %s', tenant => {
    expect(() => claims([], { 'custom:tenant': tenant })).toThrow('custom:tenant');
  });

  it('shows the name, or else the address', () => {
    expect(claims([], { name: 'Ann', email: 'ann@example.com' })['groundwork:name']).toBe('Ann');
    expect(claims([], { name: '', email: 'ann@example.com' })['groundwork:name']).toBe('ann@example.com');
  });
});

it('adds the claims to the access token and changes nothing else', async () => {
  const event = {
    version: '2',
    triggerSource: 'TokenGeneration_HostedAuth',
    request: {
      userAttributes: { sub: 'ann', 'custom:tenant': 'acme' },
      groupConfiguration: { groupsToOverride: ['contributors', 'staff'], iamRolesToOverride: [], preferredRole: null },
      scopes: ['openid'],
    },
    response: { claimsAndScopeOverrideDetails: null },
  } as unknown as PreTokenGenerationV2TriggerEvent; // as Cognito sends it: with nothing where the types have an object
  expect(await handler(event)).toEqual({
    ...event,
    response: {
      claimsAndScopeOverrideDetails: {
        accessTokenGeneration: {
          claimsToAddOrOverride: {
            'groundwork:tenant': 'acme',
            'groundwork:role': 'contributor',
            'groundwork:groups': ['staff'],
          },
        },
      },
    },
  });
});
