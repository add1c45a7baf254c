/** What somebody may do, each including those before it; which documents they may read is for their groups to say. */
export const ROLES = ['reader', 'contributor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Groups of the user pool that give a role; every other one says which documents its members read. */
export const ROLE_GROUPS = { administrators: 'administrator', contributors: 'contributor' } as const;
export type RoleGroup = keyof typeof ROLE_GROUPS;

/** Whether a role includes another. */
export const includesRole = (role: Role, wanted: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(wanted);

/** Who looks after what is of all tenants at once. */
export const OPERATOR = 'administrator of the default tenant';
