import { z } from 'zod';
import { ACCOUNT_ID, type Iam, PARTITION, type PolicyDocument } from '../../contracts.ts';
import { managedPolicy } from '../../iam/managed-policies.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { policyDocument } from './policy-document.ts';

const namedPolicy = z.object({ PolicyName: z.string(), PolicyDocument: policyDocument });
const roleProperties = z.object({
  RoleName: z.string().optional(),
  Path: z.string().default('/'),
  AssumeRolePolicyDocument: policyDocument,
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(namedPolicy).default([]),
});
const policyProperties = z.object({ PolicyName: z.string(), PolicyDocument: policyDocument, Roles: cfn.strings });

interface Role {
  readonly arn: string;
  readonly trust: PolicyDocument;
  /** Inline and managed policies of the role itself. */
  readonly policies: readonly PolicyDocument[];
}

/** Roles, and the policies that are attached to them from outside: together they are what a role may do. */
export function iamProviders(iam: Iam): ResourceProvider[] {
  const roles = new Map<string, Role>();
  const attached = new Map<string, { roles: readonly string[]; document: PolicyDocument }>();

  const publish = (name: string) => {
    const role = roles.get(name);
    if (!role) throw new Error(`there is no role ${name}.`);
    const others = [...attached.values()].filter(policy => policy.roles.includes(name)).map(({ document }) => document);
    iam.putRole({ arn: role.arn, name, trust: role.trust, policies: [...role.policies, ...others] });
  };

  const role = defineProvider({
    type: 'AWS::IAM::Role',
    properties: roleProperties,
    handled: ['RoleName', 'Path', 'AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies'],
    recorded: ['Description', 'MaxSessionDuration', 'Tags'],
    put({ RoleName, Path, AssumeRolePolicyDocument, ManagedPolicyArns, Policies }, { physicalName, stableId }) {
      const name = RoleName ?? physicalName({ maxLength: 64 });
      const arn = `arn:${PARTITION}:iam::${ACCOUNT_ID}:role${Path}${name}`;
      const policies = [...ManagedPolicyArns.map(managedPolicy), ...Policies.map(policy => policy.PolicyDocument)];
      roles.set(name, { arn, trust: AssumeRolePolicyDocument, policies });
      publish(name);
      return { physicalId: name, attributes: { Arn: arn, RoleId: `AROA${stableId(17).toUpperCase()}` } };
    },
    delete(_, { physicalId, attributes }) {
      roles.delete(physicalId);
      iam.removeRole(String(attributes.Arn));
    },
  });

  const policy = defineProvider({
    type: 'AWS::IAM::Policy',
    properties: policyProperties,
    handled: ['PolicyName', 'PolicyDocument', 'Roles'],
    put({ PolicyDocument, Roles }, { logicalId, physicalName }) {
      const before = attached.get(logicalId)?.roles ?? [];
      attached.set(logicalId, { roles: Roles, document: PolicyDocument });
      for (const name of new Set([...before, ...Roles])) publish(name);
      const physicalId = physicalName({ maxLength: 128 });
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete(_, { logicalId }) {
      const before = attached.get(logicalId)?.roles ?? [];
      attached.delete(logicalId);
      for (const name of before) if (roles.has(name)) publish(name);
    },
  });
  return [role, policy];
}
