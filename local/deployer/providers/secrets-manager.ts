import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { SecretsManagerServer } from '../../secrets-manager.ts';
import { cfn, defineProvider, type ResourceProvider, type ResourceRequest } from '../resource.ts';

const generateProperties = z.object({
  PasswordLength: cfn.number.default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludePunctuation: cfn.boolean.default(false),
  SecretStringTemplate: z.string().optional(),
  GenerateStringKey: z.string().optional(),
});
const secretProperties = z.object({
  Name: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: generateProperties.optional(),
});
type SecretProperties = z.infer<typeof secretProperties>;

/** Secrets. A value that was generated, or changed since by hand, outlives every deploy that does not change it. */
export function secretsManagerProviders(secrets: SecretsManagerServer): ResourceProvider[] {
  const secret = defineProvider({
    type: 'AWS::SecretsManager::Secret',
    properties: secretProperties,
    handled: [
      ...['Name', 'SecretString', 'GenerateSecretString.PasswordLength', 'GenerateSecretString.ExcludeCharacters'],
      ...['GenerateSecretString.ExcludePunctuation', 'GenerateSecretString.SecretStringTemplate'],
      'GenerateSecretString.GenerateStringKey',
    ],
    recorded: ['Description', 'KmsKeyId', 'Tags'],
    put(properties, resource) {
      const name = properties.Name ?? resource.physicalName({ maxLength: 512 });
      const value = newValue(properties, resource);
      const arn = secrets.putSecret({ name, ...(value !== undefined && { value }) });
      return { physicalId: arn, attributes: { Id: arn } };
    },
    delete: (_, { physicalId }) => secrets.deleteSecret(physicalId),
  });
  return [secret];
}

/** @returns undefined when the secret keeps the value that it has */
function newValue({ SecretString, GenerateSecretString }: SecretProperties, { previous }: ResourceRequest) {
  if (SecretString !== undefined) return previous?.properties.SecretString === SecretString ? undefined : SecretString;
  return previous || !GenerateSecretString ? undefined : generate(GenerateSecretString);
}

const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

function generate(properties: z.infer<typeof generateProperties>): string {
  const { PasswordLength, ExcludeCharacters, ExcludePunctuation, SecretStringTemplate, GenerateStringKey } = properties;
  const all = ExcludePunctuation ? LETTERS_AND_DIGITS : LETTERS_AND_DIGITS + PUNCTUATION;
  const alphabet = [...all].filter(character => !ExcludeCharacters.includes(character));
  if (alphabet.length === 0) throw new Error('GenerateSecretString excludes every character.');
  const password = Array.from({ length: PasswordLength }, () => alphabet[randomInt(alphabet.length)]).join('');
  if (SecretStringTemplate === undefined || GenerateStringKey === undefined) return password;
  return JSON.stringify({ ...JSON.parse(SecretStringTemplate), [GenerateStringKey]: password });
}
