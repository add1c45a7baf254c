import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * States why a rule does not apply to a construct and what is in it.
 * @param rule its id, e.g. `AwsSolutions-IAM5[Resource::*]`; each finding needs its own
 */
export function acknowledge(scope: IConstruct, rule: string, reason: string): void {
  const pack = rule.slice(0, rule.indexOf('-'));
  Validations.of(scope).acknowledge({ id: `${pack}::${rule}`, reason });
}
