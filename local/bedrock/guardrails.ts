/**
 * Guardrails, as far as they are rules about words: blocked words, and denied topics whose name or one of whose examples
 * stands in the text. What needs a model to judge (attacks, personal data, grounding, what a topic means) is not looked for.
 */
import { ACCOUNT_ID, PARTITION } from '../contracts.ts';

export interface GuardrailRules {
  readonly blockedInput: string;
  readonly blockedOutput: string;
  readonly words: readonly string[];
  readonly topics: readonly { readonly name: string; readonly examples: readonly string[] }[];
}

/** A guardrail in one version. */
export interface Guardrail {
  readonly id: string;
  readonly arn: string;
  readonly rules: GuardrailRules;
}

export interface Guardrails {
  /** Puts the working draft. @returns its ARN */
  put(id: string, rules: GuardrailRules): string;
  /** Keeps the draft as it is now under a number. */
  putVersion(identifier: string, version: string): void;
  delete(id: string): void;
  deleteVersion(identifier: string, version: string): void;
  /** @param identifier an id or an ARN */
  find(identifier: string, version: string): Guardrail | undefined;
}

export function createGuardrails(region: string): Guardrails {
  const drafts = new Map<string, GuardrailRules>();
  const versions = new Map<string, GuardrailRules>();
  const idOf = (identifier: string) => identifier.replace(/^.*:guardrail\//, '');
  const keyOf = (identifier: string, version: string) => `${idOf(identifier)}#${version}`;
  const arnOf = (id: string) => `arn:${PARTITION}:bedrock:${region}:${ACCOUNT_ID}:guardrail/${id}`;
  return {
    put(id, rules) {
      drafts.set(id, rules);
      return arnOf(id);
    },
    putVersion(identifier, version) {
      const draft = drafts.get(idOf(identifier));
      if (!draft) throw new Error(`There is no guardrail ${identifier}.`);
      versions.set(keyOf(identifier, version), draft);
    },
    delete: id => void drafts.delete(id),
    deleteVersion: (identifier, version) => void versions.delete(keyOf(identifier, version)),
    find(identifier, version) {
      const id = idOf(identifier);
      const rules = version === 'DRAFT' ? drafts.get(id) : versions.get(keyOf(id, version));
      return rules && { id, arn: arnOf(id), rules };
    },
  };
}

/** What a guardrail found, as a trace tells it. */
export interface Assessment {
  readonly topicPolicy?: { readonly topics: readonly object[] };
  readonly wordPolicy?: { readonly customWords: readonly object[]; readonly managedWordLists: readonly object[] };
}

/** @returns undefined when nothing in the texts is against the rules */
export function assess({ words, topics }: GuardrailRules, texts: readonly string[]): Assessment | undefined {
  const stands = (phrase: string) => texts.some(text => holds(text, phrase));
  const matches = words.filter(stands);
  const denied = topics.filter(({ name, examples }) => [name, ...examples].some(stands));
  if (matches.length + denied.length === 0) return undefined;
  const action = 'BLOCKED';
  return {
    ...(denied.length > 0 && { topicPolicy: { topics: denied.map(({ name }) => ({ name, type: 'DENY', action })) } }),
    ...(matches.length > 0 && {
      wordPolicy: { customWords: matches.map(match => ({ match, action })), managedWordLists: [] },
    }),
  };
}

/** As whole words, in upper or lower case. */
function holds(text: string, phrase: string): boolean {
  const literal = phrase
    .trim()
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, String.raw`\s+`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${literal}(?![\p{L}\p{N}])`, 'iu').test(text);
}
