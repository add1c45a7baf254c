import { ACCOUNT_ID, PARTITION } from '../contracts.ts';
import type { Directory } from './directory.ts';
import { type ClientSpec, CognitoError, invalidParameter, type PoolSpec, type User } from './model.ts';

export interface Pool extends PoolSpec {
  readonly arn: string;
}

/** The user pools of the cloud with their clients and domains, in memory: the deployer puts them again at each start. */
export class Pools {
  readonly #directory: Directory;
  readonly #region: string;
  readonly #pools = new Map<string, Pool>();
  readonly #clients = new Map<string, ClientSpec>();
  /** Pool ids by domain. */
  readonly #domains = new Map<string, string>();

  constructor(directory: Directory, region: string) {
    this.#directory = directory;
    this.#region = region;
  }

  arnOf(poolId: string): string {
    return `arn:${PARTITION}:cognito-idp:${this.#region}:${ACCOUNT_ID}:userpool/${poolId}`;
  }
  put(spec: PoolSpec): Pool {
    const pool = { ...spec, arn: this.arnOf(spec.id) };
    this.#pools.set(pool.id, pool);
    return pool;
  }
  delete(poolId: string): void {
    this.#pools.delete(poolId);
  }
  find(poolId: string): Pool | undefined {
    return this.#pools.get(poolId);
  }
  all(): readonly Pool[] {
    return [...this.#pools.values()];
  }

  putClient(spec: ClientSpec): void {
    this.#clients.set(spec.id, spec);
  }
  deleteClient(id: string): void {
    this.#clients.delete(id);
  }
  client(poolId: string, id: string): ClientSpec | undefined {
    const client = this.#clients.get(id);
    return client?.poolId === poolId ? client : undefined;
  }
  clients(poolId: string): readonly ClientSpec[] {
    return [...this.#clients.values()].filter(client => client.poolId === poolId);
  }

  /** @throws Error when another pool has the domain */
  putDomain(domain: string, poolId: string): void {
    const holder = this.#domains.get(domain);
    if (holder !== undefined && holder !== poolId)
      throw new Error(`The domain ${domain} belongs to another user pool.`);
    this.#domains.set(domain, poolId);
  }
  deleteDomain(domain: string): void {
    this.#domains.delete(domain);
  }
  byDomain(domain: string): Pool | undefined {
    return this.find(this.#domains.get(domain) ?? '');
  }
  domainOf(poolId: string): string | undefined {
    return [...this.#domains].find(([, holder]) => holder === poolId)?.[0];
  }

  /** The user whom a name means: the user's own, or the value of an attribute by which users of this pool sign in. */
  userNamed(pool: PoolSpec, name: string): User | undefined {
    const own = this.#directory.user(pool.id, ownName(pool, name));
    if (own) return own;
    for (const attribute of [...pool.usernameAttributes, ...pool.aliasAttributes]) {
      if (attribute === 'preferred_username' || name.includes('@') === (attribute === 'email')) {
        const user = this.#directory.userBy(pool.id, attribute, name);
        if (user) return user;
      }
    }
    return undefined;
  }
}

export const ownName = ({ caseSensitive }: PoolSpec, name: string): string =>
  caseSensitive ? name : name.toLowerCase();

const STANDARD_ATTRIBUTES = new Set(
  (
    'address birthdate email email_verified family_name gender given_name locale middle_name name nickname ' +
    'phone_number phone_number_verified picture preferred_username profile updated_at website zoneinfo'
  ).split(' '),
);

/** @throws CognitoError for attributes that the pool's schema does not have, or that may not change */
export function checkAttributes({ customAttributes }: PoolSpec, names: readonly string[], change: boolean): void {
  for (const name of names) {
    const custom = customAttributes.get(name);
    const problem = 'Attributes did not conform to the schema';
    if (!custom && !STANDARD_ATTRIBUTES.has(name)) {
      throw invalidParameter(`${problem}: ${name}: Attribute does not exist in the schema.`);
    }
    if (change && custom && !custom.mutable)
      throw invalidParameter(`${problem}: ${name}: Attribute cannot be updated.`);
  }
}

export const poolNotFound = (poolId: string) =>
  new CognitoError('ResourceNotFoundException', `User pool ${poolId} does not exist.`);
export const userNotFound = () => new CognitoError('UserNotFoundException', 'User does not exist.');
