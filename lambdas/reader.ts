import * as z from 'zod';
import type { Reader } from './conversation.ts';
import type { DocumentHead } from './document.ts';
import { AppFailure } from './errors.ts';
import { type IdentityRules, tenantName } from './identity/identity-rules.ts';
import { includesRole, OPERATOR, ROLES, type Role } from './identity/role.ts';
import { DEFAULT_TENANT } from './ingest/document-key.ts';

/** What of a request says who sent it: set by API Gateway after it verified who that is, so a client cannot choose it. */
export interface VerifiedRequest {
  readonly requestContext: {
    /** What our authorizer said. */
    readonly authorizer?: Readonly<Record<string, unknown>> | null | undefined;
    /** `userArn`: set under `/iam` alone, where API Gateway checks the signature of AWS credentials. */
    readonly identity: { readonly userArn?: string | null };
  };
}

/** What the authorizer hands on. API Gateway passes on nothing but texts. */
export type AuthorizerContext = Readonly<Record<'tenant' | 'userId' | 'name' | 'role' | 'groups' | 'apiKeyId', string>>;

const groupList = z
  .string()
  .transform(text => JSON.parse(text) as unknown)
  .pipe(z.array(z.string()));
const authorizerContext = z.object({
  tenant: tenantName,
  userId: z.string().min(1),
  name: z.string(),
  role: z.enum(ROLES),
  groups: groupList,
  apiKeyId: z.string(),
} satisfies Record<keyof AuthorizerContext, z.ZodType>);

/**
 * Who asks: the one place where it is decided. Only what API Gateway verified counts, the authorizer's words or the AWS
 * identity that signed; headers, query and body are the client's own words and are not looked at.
 * @throws Error when the route was deployed without an authorizer: nobody may then be answered as somebody
 */
export function readerOf({ requestContext }: VerifiedRequest, rules: IdentityRules): Reader {
  const { authorizer, identity } = requestContext;
  const readsOpenDocuments = rules.openDocuments === 'everyone';
  if (identity.userArn) return { ...serviceOf(identity.userArn, rules), readsOpenDocuments };
  if (!authorizer?.tenant) throw new Error('The request carries no verified identity: this route must be authorized.');
  const { name, apiKeyId, ...reader } = authorizerContext.parse(authorizer);
  return { ...reader, readsOpenDocuments, ...(name !== '' && { name }), ...(apiKeyId !== '' && { apiKeyId }) };
}

type Identity = Omit<Reader, 'readsOpenDocuments'>;

/**
 * A program, or an operator, with AWS credentials. Whom IAM lets invoke a path under `/iam` is administrator of the
 * default tenant, unless the settings say otherwise.
 */
function serviceOf(userArn: string, { services }: IdentityRules): Identity {
  const principal = principalOf(userArn);
  const service = services.find(one => withoutPath(one.principal) === principal);
  if (!service) return { tenant: DEFAULT_TENANT, userId: principal, groups: [], role: 'administrator' };
  const { tenant = DEFAULT_TENANT, role, groups } = service;
  return { tenant, userId: principal, groups, role };
}

/** The role behind a session of it, or the user. */
const principalOf = (userArn: string): string =>
  withoutPath(userArn.replace(/^(arn:[\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/, '$1:iam::$2:role/$3'));

/** A session does not tell its role's path; no two of an account's roles, or users, have the same name all the same. */
const withoutPath = (arn: string): string => arn.replace(/:(role|user)\/.*\//, ':$1/');

/**
 * Who asks, if their role is enough for the route.
 * @throws AppFailure not-allowed; Error as `readerOf`
 */
export function admit(request: VerifiedRequest, rules: IdentityRules, needed: Role): Reader {
  const reader = readerOf(request, rules);
  const { role } = reader;
  if (!includesRole(role, needed)) throw new AppFailure({ kind: 'not-allowed', role, needed });
  return reader;
}

/** Whether they run Groundwork itself, and so may see what concerns all tenants at once. */
export const isOperator = ({ tenant, role }: Reader): boolean =>
  tenant === DEFAULT_TENANT && includesRole(role, 'administrator');

/** @throws AppFailure not-allowed for what concerns all tenants at once, unless they run Groundwork itself */
export function requireOperator(reader: Reader): void {
  if (!isOperator(reader)) throw new AppFailure({ kind: 'not-allowed', role: reader.role, needed: OPERATOR });
}

/**
 * Whether the reader may know that the document is there, in what state, and under what key: whoever may read it, and
 * whoever looks after documents, so that one that nobody can read for a fault in its sidecar does not vanish.
 */
export const mayManage = (reader: Reader, head: DocumentHead): boolean =>
  mayRead(reader, head) || (includesRole(reader.role, 'contributor') && isOfTenant(reader, head));

/** Whether the document may be read at all: of the reader's tenant, not deleted, and open to one of the reader's groups. */
export function mayRead(reader: Reader, head: DocumentHead): boolean {
  if (!isOfTenant(reader, head)) return false;
  return head.groups ? head.groups.some(group => reader.groups.includes(group)) : reader.readsOpenDocuments;
}

const isOfTenant = (reader: Reader, head: DocumentHead): boolean =>
  head.tenant === reader.tenant && head.status !== 'DELETED';
