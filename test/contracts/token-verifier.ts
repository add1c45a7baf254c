import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TokenBearer, TokenVerifier } from '../../lambdas/ports.ts';

export interface VerifierUnderTest {
  readonly verifier: TokenVerifier;
  issue(bearer: TokenBearer, seconds: number): Promise<string> | string;
  close?(): Promise<void>;
}

const ann: TokenBearer = {
  userId: 'ann',
  name: 'Ann',
  tenant: 'acme',
  role: 'contributor',
  groups: ['staff', 'board'],
};

/** What every verifier of access tokens must do. Its time is the clock's. */
export function tokenVerifierContract(makeVerifier: (clock: () => Date) => Promise<VerifierUnderTest>) {
  let now: Date;
  let tested: VerifierUnderTest;
  beforeEach(async () => {
    now = new Date('2026-11-21T12:00:00Z');
    tested = await makeVerifier(() => now);
  });
  afterEach(() => tested.close?.());

  it('tells whom a token stands for', async () => {
    expect(await tested.verifier.verify(await tested.issue(ann, 60))).toEqual(ann);
    const { name: _, ...nameless } = { ...ann, groups: [] };
    expect(await tested.verifier.verify(await tested.issue(nameless, 60))).toEqual(nameless);
  });

  it('takes a token until it expires', async () => {
    const token = await tested.issue(ann, 60);
    now = new Date('2026-11-21T12:00:59Z');
    expect(await tested.verifier.verify(token)).toEqual(ann);
    now = new Date('2026-11-21T12:01:00Z');
    expect(await tested.verifier.verify(token)).toBeUndefined();
  });

  it.each(['', 'nonsense', 'a.b.c', 'eyJhbGciOiJSUzI1NiJ9.e30.AA'])(
    'takes nothing that was not issued: %s',
    async text => {
      expect(await tested.verifier.verify(text)).toBeUndefined();
    },
  );

  it('takes no token that was changed', async () => {
    const token = await tested.issue(ann, 60);
    expect(await tested.verifier.verify(`${token}x`)).toBeUndefined();
    expect(await tested.verifier.verify(token.slice(0, -2))).toBeUndefined();
  });
}
