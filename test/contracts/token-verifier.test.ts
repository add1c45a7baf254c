import { describe } from 'vitest';
import { cognitoTokenVerifier } from '../../lambdas/adapters/cognito-token-verifier.ts';
import { inMemoryTokens } from '../fakes/token-verifier.ts';
import { accessPayload, startUserPool } from '../support/user-pool.ts';
import { tokenVerifierContract } from './token-verifier.ts';

describe('in memory', () => {
  tokenVerifierContract(async clock => {
    const tokens = inMemoryTokens(clock);
    return { verifier: tokens, issue: tokens.issue };
  });
});

describe('of Cognito', () => {
  tokenVerifierContract(async clock => {
    const pool = await startUserPool();
    return {
      verifier: cognitoTokenVerifier({ issuer: pool.issuer, clientIds: ['web'], clock }),
      close: pool.close,
      issue: ({ userId, name, tenant, role, groups }, seconds) =>
        pool.sign(
          accessPayload({
            sub: userId,
            exp: clock().getTime() / 1_000 + seconds,
            ...{ 'groundwork:tenant': tenant, 'groundwork:role': role, 'groundwork:groups': [...groups] },
            ...(name !== undefined && { 'groundwork:name': name }),
          }),
        ),
    };
  });
});
