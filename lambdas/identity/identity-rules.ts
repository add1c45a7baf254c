import * as z from 'zod';
import { ROLES } from './role.ts';

/** A group of readers; `*` stands for everyone in the vector store, so that no group may be called so. */
export const groupName = z
  .string()
  .min(1)
  .max(128)
  .refine(name => name === name.trim() && name !== '*', 'is no name of a group');

export const tenantName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'up to 64 letters, digits, dots, hyphens and _');

/** A role or user of AWS that calls the API under /iam, and as whom. */
export const serviceSchema = z.strictObject({
  /** The ARN of its role, or of its user. */
  principal: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/, 'must be the ARN of a role or a user'),
  tenant: tenantName.optional(),
  role: z.enum(ROLES),
  groups: z.array(groupName).max(100).default([]),
});

/** What the settings say of who may do what. */
export const identityRulesSchema = z.strictObject({
  services: z.array(serviceSchema).max(200).default([]),
  /** Who reads a document that names no groups: everyone in its tenant, or nobody. */
  openDocuments: z.enum(['everyone', 'nobody']).default('everyone'),
});
export type IdentityRules = z.infer<typeof identityRulesSchema>;
