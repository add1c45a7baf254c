import { z } from 'zod';
import { serviceSchema } from '../lambdas/identity/identity-rules.ts';

/**
 * Which of a provider's claims fill what is known of a user; `tenant` and `groups` only if the provider is to say who may
 * read what.
 */
const claims = z.strictObject({
  email: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  tenant: z.string().min(1).optional(),
  /** A list, or names separated by commas. */
  groups: z.string().min(1).optional(),
});

const providerName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{2,31}$/, '3 to 32 letters, digits and hyphens, a letter first')
  .refine(name => name.toUpperCase() !== 'COGNITO', 'Cognito keeps this name for its own users');
const https = z.string().regex(/^https:\/\/[^\s]+$/, 'must be an address that starts with https://');

const oidc = z.strictObject({
  type: z.literal('oidc'),
  name: providerName,
  issuer: https,
  clientId: z.string().min(1),
  /** The Secrets Manager secret whose value is the client secret; CloudFormation reads it, the template never holds it. */
  clientSecretName: z.string().min(1),
  scopes: z
    .array(z.string().min(1))
    .refine(scopes => scopes.includes('openid'), 'must hold openid')
    .default(['openid', 'email', 'profile']),
  attributes: claims.prefault({}),
});
const saml = z.strictObject({
  type: z.literal('saml'),
  name: providerName,
  metadataUrl: https,
  attributes: claims.prefault({}),
});
const provider = z.discriminatedUnion('type', [oidc, saml]);

/** Each function is given the list in its environment, which holds 4 KB in all. */
const SERVICES_LENGTH = 2_000;

/** Whoever can sign up could also write what the provider is to say. */
const selfMadeRights = 'cannot be combined with a provider that says tenants or groups';

/** Who may ask, and as whom; docs/deploy.md has a table of these. */
export const identitySettings = z
  .strictObject({
    /** `plus` adds protection against stolen passwords and unusual sign-ins, for more a user. */
    plan: z.enum(['essentials', 'plus']).default('essentials'),
    /** A second factor at sign-in: codes of an app. */
    mfa: z.enum(['off', 'optional', 'required']).default('optional'),
    /** Of the sign-in page, unique in its region. Default: `groundwork-<stage>-<account>`. */
    domainPrefix: z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'up to 63 lower-case letters, digits and hyphens')
      .refine(prefix => !/aws|amazon|cognito/.test(prefix), 'must not contain aws, amazon or cognito')
      .optional(),
    /** The address of the first administrator, who is invited by e-mail. */
    administrator: z
      .string()
      .regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'must be an e-mail address')
      .optional(),
    /** Whether anyone may make an account. */
    selfSignUp: z.boolean().default(false),
    /** Where else people sign in. */
    providers: z
      .array(provider)
      .max(50)
      .refine(all => new Set(all.map(({ name }) => name)).size === all.length, 'two providers have the same name')
      .default([]),
    /** Further addresses of the web page, e.g. of a development server. */
    callbackUrls: z
      .array(z.string().regex(/^(https:\/\/|http:\/\/localhost[:/])[^\s#]+$/, 'must be https, or http on localhost'))
      .max(90)
      .default([]),
    /** AWS roles and users that call the API under /iam; whoever is not listed is an administrator there. */
    services: z
      .array(serviceSchema)
      .max(50)
      .refine(all => new Set(all.map(({ principal }) => principal)).size === all.length, 'a principal is listed twice')
      .refine(
        all => JSON.stringify(all).length <= SERVICES_LENGTH,
        `is longer than ${SERVICES_LENGTH} characters of JSON`,
      )
      .default([]),
    /** Who reads a document without groups: everyone in its tenant, or nobody. */
    openDocuments: z.enum(['everyone', 'nobody']).default('everyone'),
  })
  .refine(({ selfSignUp, providers }) => !selfSignUp || !providers.some(saysRights), {
    path: ['selfSignUp'],
    error: selfMadeRights,
  });

export type IdentitySettings = z.output<typeof identitySettings>;
export type ProviderSettings = z.output<typeof provider>;

/** Whether the provider says who may read what. */
function saysRights({ attributes: { tenant: ofTenant, groups } }: ProviderSettings): boolean {
  return ofTenant !== undefined || groups !== undefined;
}
