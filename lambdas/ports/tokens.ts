import type { Role } from '../identity/role.ts';

/** Whom an access token stands for. */
export interface TokenBearer {
  readonly userId: string;
  readonly name?: string;
  readonly tenant: string;
  readonly role: Role;
  readonly groups: readonly string[];
}

export interface TokenVerifier {
  /**
   * Whom the token stands for, now.
   * @returns undefined for one that is not good: forged, expired, of another issuer, client or kind
   */
  verify(token: string): Promise<TokenBearer | undefined>;
}
