import type {
  ContentBlock,
  ConverseStreamCommandInput,
  ConverseStreamMetadataEvent,
  GuardrailAssessment,
  GuardrailConverseContentQualifier,
} from '@aws-sdk/client-bedrock-runtime';
import type { Intervention } from '../conversation.ts';
import type { Prompt, PromptPart } from '../ports.ts';

/** A guardrail in the version that is used. */
export interface GuardrailUse {
  readonly id: string;
  readonly version: string;
  /** Whether Bedrock tells which rules intervened; what they found is told with it, and not passed on. */
  readonly trace: boolean;
  /** Whether it compares the answer with the passages and the question. */
  readonly grounding: boolean;
}

/**
 * The request with the guardrail around what the prompt marks as parts, and around the answer.
 * Once a request has a block to guard, most rules look at such blocks alone: question and passages must both be ones.
 */
export function guarded(
  request: ConverseStreamCommandInput,
  prompt: Prompt,
  guardrail: GuardrailUse | undefined,
): ConverseStreamCommandInput {
  if (!guardrail) return request;
  return {
    ...request,
    messages: request.messages?.map((message, index) => {
      const parts = prompt.messages[index]?.parts;
      return parts ? { ...message, content: parts.map(part => blockOf(part, guardrail)) } : message;
    }),
    guardrailConfig: {
      guardrailIdentifier: guardrail.id,
      guardrailVersion: guardrail.version,
      trace: guardrail.trace ? 'enabled' : 'disabled',
      // The other mode shows text before it is checked, and masks nothing.
      streamProcessingMode: 'sync',
    },
  };
}

function blockOf(part: PromptPart, { grounding }: GuardrailUse): ContentBlock {
  if (part.kind === 'context') return { text: part.text };
  return { guardContent: { text: { text: part.text, ...(grounding && { qualifiers: qualifiersOf(part) }) } } };
}

/** With a qualifier of its own a block is compared only; `guard_content` has the other rules look at it too. */
const qualifiersOf = ({ kind }: PromptPart): GuardrailConverseContentQualifier[] => [
  kind === 'source' ? 'grounding_source' : 'query',
  'guard_content',
];

export function interventionOf(
  stopReason: string,
  metadata: ConverseStreamMetadataEvent | undefined,
): { intervention?: Intervention } {
  if (stopReason !== 'guardrail_intervened') return {};
  const { inputAssessment = {}, outputAssessments = {} } = metadata?.trace?.guardrail ?? {};
  const assessments = [...Object.values(inputAssessment), ...Object.values(outputAssessments).flat()];
  return { intervention: { policies: [...new Set(assessments.flatMap(policiesIn))].sort() } };
}

interface Finding {
  readonly action?: string | undefined;
}
const intervened = ({ action }: Finding): boolean => action !== undefined && action !== 'NONE';

/** The names of the rules alone: what they found stays here. */
function policiesIn(assessment: GuardrailAssessment): string[] {
  const { topicPolicy, contentPolicy, wordPolicy, sensitiveInformationPolicy, contextualGroundingPolicy } = assessment;
  const { customWords = [], managedWordLists = [] } = wordPolicy ?? {};
  const { piiEntities = [], regexes = [] } = sensitiveInformationPolicy ?? {};
  const named = (name: string, findings: readonly Finding[]) => (findings.some(intervened) ? [name] : []);
  const filters = [...(contentPolicy?.filters ?? []), ...(contextualGroundingPolicy?.filters ?? [])];
  return [
    ...named('topic', topicPolicy?.topics ?? []),
    ...named('word', [...customWords, ...managedWordLists]),
    ...named('personal-data', [...piiEntities, ...regexes]),
    // PROMPT_ATTACK, GROUNDING …
    ...filters.filter(intervened).map(({ type }) => (type ?? 'content').toLowerCase().replace('_', '-')),
  ];
}
