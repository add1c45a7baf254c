import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { GroundworkFunction } from './groundwork-function.ts';

const geography = /^(us|us-gov|eu|apac|jp|au|ca|sa|me|af|global)\.(.+)$/;

/** The ARN of a base model in the stack's region. */
export function foundationModelArn(scope: IConstruct, modelId: string): string {
  const { partition, region } = Stack.of(scope);
  return `arn:${partition}:bedrock:${region}::foundation-model/${modelId}`;
}

/**
 * Lets a function call a Bedrock model. An inference profile (`us.…`, `global.…`) needs two statements: one for the
 * profile, one for the model in whichever region the profile sends the call to, usable through the profile only.
 * @param actions `bedrock:InvokeModel` for whole replies, `bedrock:InvokeModelWithResponseStream` for streams
 */
export function allowModel(
  caller: GroundworkFunction<Record<string, string>>,
  modelId: string,
  actions: readonly ('bedrock:InvokeModel' | 'bedrock:InvokeModelWithResponseStream')[],
): void {
  const { partition, region, account } = Stack.of(caller);
  const [, , baseModelId] = geography.exec(modelId) ?? [];
  if (baseModelId === undefined) {
    caller.allow(actions, [foundationModelArn(caller, modelId)]);
    return;
  }
  const profileArn = `arn:${partition}:bedrock:${region}:${account}:inference-profile/${modelId}`;
  caller.allow(actions, [profileArn]);
  caller.allow(actions, [`arn:${partition}:bedrock:*::foundation-model/${baseModelId}`], {
    StringLike: { 'bedrock:InferenceProfileArn': profileArn },
  });
  const literal = Token.isUnresolved(partition) ? '<AWS::Partition>' : partition; // as the rule writes it
  acknowledge(
    caller,
    `AwsSolutions-IAM5[Resource::arn:${literal}:bedrock:*::foundation-model/${baseModelId}]`,
    'The profile chooses the region; the condition allows the model through this profile only.',
  );
}

/** Lets a function have texts ranked by a base model. */
export function allowRerank(caller: GroundworkFunction<Record<string, string>>, modelId: string): void {
  caller.allow(['bedrock:Rerank'], ['*']); // Rerank knows no resources; the model is named by the other action
  acknowledge(
    caller,
    'AwsSolutions-IAM5[Resource::*]',
    'Rerank and X-Ray have no resources that a policy could name; the model that ranks is allowed by its ARN.',
  );
  caller.allow(['bedrock:InvokeModel'], [foundationModelArn(caller, modelId)]);
}
