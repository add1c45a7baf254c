import { createHash } from 'node:crypto';
import { Stack } from 'aws-cdk-lib';
import { CfnGuardrail, type CfnGuardrailProps, CfnGuardrailVersion } from 'aws-cdk-lib/aws-bedrock';
import { Construct } from 'constructs';
import type { GroundworkFunction } from './groundwork-function.ts';
import type { GuardrailSettings } from './guardrail-settings.ts';

export interface AnswerGuardrailProps {
  readonly stage: string;
  readonly settings: GuardrailSettings;
}

/** A Bedrock guardrail around answers, in a version that changes only with its settings. */
export class AnswerGuardrail extends Construct {
  readonly guardrailId: string;
  readonly version: string;
  readonly settings: GuardrailSettings;
  readonly #arn: string;

  constructor(scope: Construct, id: string, { stage, settings }: AnswerGuardrailProps) {
    super(scope, id);
    this.settings = settings;
    const policies = policiesOf(settings);
    const guardrail = new CfnGuardrail(this, 'Resource', {
      name: `${Stack.of(this).stackName}-answers`.slice(0, 50),
      description: `Questions, passages and answers of Groundwork ${stage}`,
      blockedInputMessaging: settings.blockedMessage,
      blockedOutputsMessaging: settings.blockedMessage,
      ...policies,
    });
    // A version never changes: another description makes another one, before the functions are told of it.
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([policies, settings.blockedMessage]))
      .digest('hex');
    const version = new CfnGuardrailVersion(this, 'Version', {
      guardrailIdentifier: guardrail.attrGuardrailId,
      description: fingerprint.slice(0, 16),
    });
    this.guardrailId = guardrail.attrGuardrailId;
    this.version = version.attrVersion;
    this.#arn = guardrail.attrGuardrailArn;
  }

  /** Lets a function have its calls of a model checked. */
  grantApply(caller: GroundworkFunction<Record<string, string>>): void {
    caller.allow(['bedrock:ApplyGuardrail'], [this.#arn]);
  }
}

/** What the chat function is told of it. */
export const guardrailEnvironment = (guardrail: AnswerGuardrail | undefined) => ({
  GUARDRAIL_ID: guardrail?.guardrailId ?? '',
  GUARDRAIL_VERSION: guardrail?.version ?? '',
  GUARDRAIL_TRACE: guardrail?.settings.trace ? 'on' : 'off',
  GUARDRAIL_GROUNDING: guardrail && checksGrounding(guardrail.settings) ? 'on' : 'off',
});

const checksGrounding = ({ grounding, relevance }: GuardrailSettings): boolean =>
  grounding !== undefined || relevance !== undefined;

type Policies = Pick<
  CfnGuardrailProps,
  | 'contentPolicyConfig'
  | 'sensitiveInformationPolicyConfig'
  | 'topicPolicyConfig'
  | 'wordPolicyConfig'
  | 'contextualGroundingPolicyConfig'
>;

function policiesOf(settings: GuardrailSettings): Policies {
  const { promptAttack, deniedTopics, blockedWords, grounding, relevance } = settings;
  const personalData = [
    ...settings.blockedPersonalData.map(type => ({ type, action: 'BLOCK' })),
    ...settings.maskedPersonalData.map(type => ({ type, action: 'ANONYMIZE' })),
  ];
  const thresholds = [
    ...(grounding === undefined ? [] : [{ type: 'GROUNDING', threshold: grounding }]),
    ...(relevance === undefined ? [] : [{ type: 'RELEVANCE', threshold: relevance }]),
  ];
  return {
    ...(promptAttack !== 'off' && {
      contentPolicyConfig: {
        // An attack is what comes in; Bedrock takes nothing but NONE for what goes out.
        filtersConfig: [{ type: 'PROMPT_ATTACK', inputStrength: promptAttack.toUpperCase(), outputStrength: 'NONE' }],
      },
    }),
    ...(personalData.length > 0 && { sensitiveInformationPolicyConfig: { piiEntitiesConfig: personalData } }),
    ...(deniedTopics.length > 0 && { topicPolicyConfig: { topicsConfig: deniedTopics.map(topicOf) } }),
    ...(blockedWords.length > 0 && { wordPolicyConfig: { wordsConfig: blockedWords.map(text => ({ text })) } }),
    ...(thresholds.length > 0 && { contextualGroundingPolicyConfig: { filtersConfig: thresholds } }),
  };
}

const topicOf = ({ name, definition, examples }: GuardrailSettings['deniedTopics'][number]) => ({
  ...{ name, definition, type: 'DENY' },
  ...(examples.length > 0 && { examples }),
});
