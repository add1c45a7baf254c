/** What user pools are made of, as the deployer hands it over, and who is in them. */

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
}

export interface PoolSpec {
  /** `<region>_<letters and digits>` */
  readonly id: string;
  readonly name: string;
  /** Attributes by which users sign in in place of a name: `email`, `phone_number`. Their names are made up then. */
  readonly usernameAttributes: readonly string[];
  /** Attributes by which users may sign in as well. */
  readonly aliasAttributes: readonly string[];
  /** Whether `Ada` and `ada` are two users. */
  readonly caseSensitive: boolean;
  readonly passwordPolicy: PasswordPolicy;
  /** The schema's own attributes by their whole name, `custom:tenant`: whether they may change. */
  readonly customAttributes: ReadonlyMap<string, { readonly mutable: boolean }>;
  /** The function that is asked for claims before tokens are made. */
  readonly preTokenFunction?: string;
}

export interface ClientSpec {
  readonly id: string;
  readonly poolId: string;
  readonly name: string;
  /** Compared as they are, character by character. */
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  /** Empty for a client that does not sign in by OAuth. */
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
  readonly idTokenSeconds: number;
  readonly refreshTokenSeconds: number;
  /** Present: each refresh gives a new refresh token, and the old one ends so many seconds later. */
  readonly rotation?: { readonly graceSeconds: number };
  readonly revocable: boolean;
  /** Attributes that the client sees; absent: all. */
  readonly readAttributes?: readonly string[];
  /** Providers other than the pool itself, by name: shown, but not emulated. */
  readonly otherProviders: readonly string[];
}

export interface GroupSpec {
  readonly poolId: string;
  readonly name: string;
  readonly description?: string;
  readonly precedence?: number;
}

export type UserStatus = 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';

export interface User {
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  /** Without `sub`. */
  readonly attributes: Readonly<Record<string, string>>;
  /** As `hashPassword` gives it; absent: nobody can sign in. */
  readonly passwordHash?: string;
  readonly status: UserStatus;
  readonly enabled: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** A user that is there from the start, made up for this machine: the password is no secret. */
export interface MadeUpUser {
  readonly username: string;
  readonly password: string;
  readonly name?: string;
  readonly email?: string;
  readonly groups?: readonly string[];
  /** Further attributes, e.g. `{ 'custom:tenant': 'acme' }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What a client did wrong, by the service's own name for it. */
export class CognitoError extends Error {
  override readonly name = 'CognitoError';
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export const invalidParameter = (message: string) => new CognitoError('InvalidParameterException', message);
