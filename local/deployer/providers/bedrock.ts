import { z } from 'zod';
import type { Guardrails } from '../../bedrock/guardrails.ts';
import { defineProvider, type ResourceProvider } from '../resource.ts';

const guardrailProperties = z.object({
  BlockedInputMessaging: z.string(),
  BlockedOutputsMessaging: z.string(),
  WordPolicyConfig: z.object({ WordsConfig: z.array(z.object({ Text: z.string() })).default([]) }).optional(),
  TopicPolicyConfig: z
    .object({ TopicsConfig: z.array(z.object({ Name: z.string(), Examples: z.array(z.string()).default([]) })) })
    .optional(),
});
const versionProperties = z.object({ GuardrailIdentifier: z.string(), Description: z.string().optional() });

/** Guardrails: of their rules those about words; the others are recorded. */
export function bedrockProviders({ guardrails }: { guardrails: Guardrails }): ResourceProvider[] {
  const guardrail = defineProvider({
    type: 'AWS::Bedrock::Guardrail',
    properties: guardrailProperties,
    handled: [
      ...['BlockedInputMessaging', 'BlockedOutputsMessaging', 'WordPolicyConfig.WordsConfig.Text'],
      ...['TopicPolicyConfig.TopicsConfig.Name', 'TopicPolicyConfig.TopicsConfig.Examples'],
    ],
    recorded: [
      ...['Name', 'Description', 'Tags', 'ContentPolicyConfig', 'SensitiveInformationPolicyConfig'],
      ...['ContextualGroundingPolicyConfig', 'TopicPolicyConfig.TopicsConfig.Definition'],
      'TopicPolicyConfig.TopicsConfig.Type',
    ],
    put(properties, { stableId }) {
      const id = stableId(12);
      const arn = guardrails.put(id, {
        blockedInput: properties.BlockedInputMessaging,
        blockedOutput: properties.BlockedOutputsMessaging,
        words: properties.WordPolicyConfig?.WordsConfig.map(({ Text }) => Text) ?? [],
        topics: (properties.TopicPolicyConfig?.TopicsConfig ?? []).map(({ Name, Examples }) => ({
          ...{ name: Name, examples: Examples },
        })),
      });
      return { physicalId: arn, attributes: { GuardrailId: id, GuardrailArn: arn, Version: 'DRAFT', Status: 'READY' } };
    },
    delete: (_, { attributes }) => guardrails.delete(String(attributes.GuardrailId)),
  });

  const version = defineProvider({
    type: 'AWS::Bedrock::GuardrailVersion',
    properties: versionProperties,
    handled: ['GuardrailIdentifier', 'Description'],
    put({ GuardrailIdentifier, Description }, { previous }) {
      const last = Number(previous?.attributes.Version ?? 0);
      // On AWS, too, another description makes another version.
      const number = String(last > 0 && previous?.properties.Description === Description ? last : last + 1);
      guardrails.putVersion(GuardrailIdentifier, number);
      return {
        physicalId: `${GuardrailIdentifier}|${number}`,
        attributes: { GuardrailId: GuardrailIdentifier, Version: number },
      };
    },
    delete: ({ GuardrailIdentifier }, { attributes }) =>
      guardrails.deleteVersion(GuardrailIdentifier, String(attributes.Version)),
  });
  return [guardrail, version];
}
