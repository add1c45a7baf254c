import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Authorization,
  AuthorizationError,
  AuthorizationRefused,
  parseAuthorization,
} from '../../local/cognito/authorization.ts';
import { openDirectory } from '../../local/cognito/directory.ts';
import type { ClientSpec, PoolSpec } from '../../local/cognito/model.ts';
import { Pools } from '../../local/cognito/pools.ts';
import { memoryDatabase } from './deployer-fixture.ts';

const policy = { requireLowercase: false, requireUppercase: false, requireNumbers: false, requireSymbols: false };
const spec: PoolSpec = {
  ...{ id: 'eu-west-1_a', name: 'users', usernameAttributes: [], aliasAttributes: [], caseSensitive: false },
  ...{ passwordPolicy: { ...policy, minimumLength: 8 }, customAttributes: new Map() },
};
const client: ClientSpec = {
  ...{ id: 'app', poolId: spec.id, name: 'app', scopes: ['openid', 'email'], revocable: true, otherProviders: [] },
  ...{
    callbackUrls: ['https://app.example/in', 'https://app.example/in?x=1'],
    logoutUrls: ['https://app.example/out'],
  },
  ...{ accessTokenSeconds: 60, idTokenSeconds: 60, refreshTokenSeconds: 60 },
};
const pools = new Pools(openDirectory(memoryDatabase(), Date.now), 'eu-west-1');
const pool = pools.put(spec);
pools.putClient(client);

type Outcome = Authorization | AuthorizationError | AuthorizationRefused;

function outcomeOf(parameters: readonly [string, string][]): Outcome {
  try {
    return parseAuthorization(pools, pool, new URLSearchParams(parameters));
  } catch (error) {
    if (error instanceof AuthorizationError || error instanceof AuthorizationRefused) return error;
    throw error;
  }
}

/** Right and nearly right values, so that every check is reached. */
const parameter = (name: string, ...values: string[]) =>
  fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...values) }, fc.string()));
const callback = fc.oneof(
  fc.constantFrom(...client.callbackUrls, ...client.logoutUrls),
  fc.tuple(fc.constantFrom(...client.callbackUrls), fc.string({ minLength: 1 })).map(parts => parts.join('')),
  fc.webUrl(),
);
const request = fc
  .tuple(
    parameter('client_id', 'app'),
    fc.tuple(fc.constant('redirect_uri'), callback),
    parameter('response_type', 'code'),
    parameter('scope', 'openid', 'openid email', 'openid admin'),
    parameter('code_challenge', 'a'.repeat(43)),
    parameter('code_challenge_method', 'S256'),
    parameter('state', 's'),
  )
  .chain(all => fc.subarray(all, { minLength: 3 }));

it('a client’s request leads nowhere but to an address of that client, and only with a challenge', () => {
  const kinds = new Set<string>();
  const property = fc.property(request, parameters => {
    const outcome = outcomeOf(parameters);
    if (outcome instanceof AuthorizationRefused) return void kinds.add('refused');
    const location = outcome instanceof AuthorizationError ? outcome.location : outcome.redirectUri;
    kinds.add(outcome instanceof AuthorizationError ? 'error' : 'answered');
    const { origin, pathname } = new URL(location);
    expect(origin + pathname).toBe('https://app.example/in');
    if (outcome instanceof AuthorizationError) return;
    expect(client.callbackUrls).toContain(outcome.redirectUri);
    expect(client.scopes).toEqual(expect.arrayContaining([...outcome.scopes]));
    expect(outcome.codeChallenge).toHaveLength(43);
  });
  fc.assert(property, { numRuns: 2000 });
  expect([...kinds].sort()).toEqual(['answered', 'error', 'refused']);
});
