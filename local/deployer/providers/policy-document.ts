import { z } from 'zod';
import type { PolicyDocument } from '../../contracts.ts';

const statement = z.custom<PolicyDocument['Statement'][number]>(
  item => typeof item === 'object' && item !== null && 'Effect' in item,
  'a policy statement needs an Effect',
);

/** A policy document; the statements themselves are judged by IAM, which names what it does not know. */
export const policyDocument = z
  .looseObject({ Version: z.string().optional(), Statement: z.union([statement, z.array(statement)]) })
  .transform(
    ({ Version, Statement }): PolicyDocument => ({
      ...(Version !== undefined && { Version }),
      Statement: Array.isArray(Statement) ? Statement : [Statement],
    }),
  );
