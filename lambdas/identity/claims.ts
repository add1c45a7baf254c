import { DEFAULT_TENANT } from '../ingest/document-key.ts';
import { groupName, tenantName } from './identity-rules.ts';
import type { Role } from './role.ts';

/** A user of the pool, as Cognito knows it. */
export interface PoolUser {
  readonly attributes: Readonly<Record<string, string>>;
  /** Of the pool. */
  readonly groups: readonly string[];
}

/** What an access token says of its bearer besides what Cognito says by itself. */
export interface AddedClaims {
  readonly 'groundwork:tenant': string;
  readonly 'groundwork:role': Role;
  readonly 'groundwork:groups': string[];
  readonly 'groundwork:name'?: string;
}

/** Groups of the pool that give a role; every other one says which documents its members read. */
const ROLE_GROUPS: Readonly<Record<string, Role>> = { administrators: 'administrator', contributors: 'contributor' };

/**
 * Tenant, role, groups and name of a user. The role comes from groups of the pool alone: what an identity provider says in
 * `custom:groups` opens documents, and nothing else.
 * @throws Error for a tenant that no tenant can be called; nobody is let in by a default then
 */
export function claimsOf({ attributes, groups }: PoolUser): AddedClaims {
  const { 'custom:tenant': tenant = '', 'custom:groups': provided = '', name, email } = attributes;
  const shown = name || email;
  return {
    'groundwork:tenant': tenantOf(tenant.trim()),
    'groundwork:role': roleOf(groups),
    'groundwork:groups': documentGroups(groups, provided),
    ...(shown && { 'groundwork:name': shown }),
  };
}

function tenantOf(tenant: string): string {
  if (tenant === '') return DEFAULT_TENANT;
  if (tenantName.safeParse(tenant).success) return tenant;
  throw new Error(`The user's attribute custom:tenant is no name of a tenant: ${JSON.stringify(tenant)}`);
}

function roleOf(groups: readonly string[]): Role {
  if (groups.some(group => ROLE_GROUPS[group] === 'administrator')) return 'administrator';
  return groups.some(group => ROLE_GROUPS[group] === 'contributor') ? 'contributor' : 'reader';
}

/** Each once; what is no name of a group opens nothing and is left out. */
function documentGroups(groups: readonly string[], provided: string): string[] {
  const ofPool = groups.filter(group => !Object.hasOwn(ROLE_GROUPS, group));
  const all = new Set([...ofPool, ...listOf(provided)]);
  return [...all].filter(group => groupName.safeParse(group).success);
}

/** Names separated by commas. Cognito writes a provider's list as `[a, b]` or `["a","b"]`. */
const listOf = (text: string): string[] =>
  text
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .split(',')
    .map(name => name.trim().replace(/^"(.*)"$/s, '$1'));
