import type { TokenBearer, TokenVerifier } from '../../lambdas/ports.ts';

export interface IssuedTokens extends TokenVerifier {
  /** @returns a token that is good for so long */
  issue(bearer: TokenBearer, seconds?: number): string;
}

/** Tokens that are good because they were issued here. */
export function inMemoryTokens(clock: () => Date = () => new Date()): IssuedTokens {
  const issued = new Map<string, { readonly bearer: TokenBearer; readonly expiresAt: number }>();
  return {
    issue(bearer, seconds = 3_600) {
      const token = `token-${issued.size + 1}`;
      issued.set(token, { bearer, expiresAt: clock().getTime() + seconds * 1_000 });
      return token;
    },
    async verify(token) {
      const known = issued.get(token);
      return known && known.expiresAt > clock().getTime() ? structuredClone(known.bearer) : undefined;
    },
  };
}
