import { DEFAULT_TENANT } from '../ingest/document-key.ts';
import { groupName, tenantName } from './identity-rules.ts';
import { ROLE_GROUPS, type Role, type RoleGroup } from './role.ts';

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
  const roles = groups.flatMap(group => (givesRole(group) ? ROLE_GROUPS[group] : []));
  return roles.includes('administrator') ? 'administrator' : (roles[0] ?? 'reader');
}

const givesRole = (group: string): group is RoleGroup => Object.hasOwn(ROLE_GROUPS, group);

/** Each once; what is no name of a group opens nothing and is left out. */
function documentGroups(groups: readonly string[], provided: string): string[] {
  const ofPool = groups.filter(group => !givesRole(group));
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
