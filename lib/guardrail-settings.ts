import { z } from 'zod';

/** The kinds of personal data that Bedrock Guardrails know. */
const PERSONAL_DATA = (
  'ADDRESS AGE AWS_ACCESS_KEY AWS_SECRET_KEY CA_HEALTH_NUMBER CA_SOCIAL_INSURANCE_NUMBER ' +
  'CREDIT_DEBIT_CARD_CVV CREDIT_DEBIT_CARD_EXPIRY CREDIT_DEBIT_CARD_NUMBER DRIVER_ID EMAIL ' +
  'INTERNATIONAL_BANK_ACCOUNT_NUMBER IP_ADDRESS LICENSE_PLATE MAC_ADDRESS NAME PASSWORD PHONE PIN ' +
  'SWIFT_CODE UK_NATIONAL_HEALTH_SERVICE_NUMBER UK_NATIONAL_INSURANCE_NUMBER ' +
  'UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER URL USERNAME US_BANK_ACCOUNT_NUMBER US_BANK_ROUTING_NUMBER ' +
  'US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER US_PASSPORT_NUMBER US_SOCIAL_SECURITY_NUMBER ' +
  'VEHICLE_IDENTIFICATION_NUMBER'
).split(' ');
const personalData = z
  .string()
  .refine(kind => PERSONAL_DATA.includes(kind), `must be one of ${PERSONAL_DATA.join(', ')}`);

const threshold = z.number().min(0).max(0.99);

/** What a guardrail checks in questions, passages and answers; docs/security.md says what each part costs and misses. */
export const guardrailSettings = z.strictObject({
  /** How eagerly text that tries to steer the model is found, in questions and passages alike. */
  promptAttack: z.enum(['off', 'low', 'medium', 'high']).default('high'),
  /** Questions, passages and answers with such data are blocked. */
  blockedPersonalData: z.array(personalData).default([]),
  /** Such data is replaced by its kind, e.g. `{EMAIL}`. */
  maskedPersonalData: z.array(personalData).default([]),
  /** Subjects that are not spoken of: described in a sentence or two, with questions about them. */
  deniedTopics: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        definition: z.string().min(1).max(200),
        examples: z.array(z.string().min(1).max(100)).max(5).default([]),
      }),
    )
    .max(30)
    .default([]),
  /** Words and phrases that appear neither in questions and passages nor in answers. */
  blockedWords: z.array(z.string().min(1).max(100)).max(10_000).default([]),
  /** An answer that the passages back less than this is blocked. */
  grounding: threshold.optional(),
  /** An answer that has less than this to do with the question is blocked. */
  relevance: threshold.optional(),
  /** The answer then. */
  blockedMessage: z.string().min(1).max(500).default('A safety rule of this service does not allow this answer.'),
  /** Whether an answer names the rules that intervened. Bedrock's logs of calls, if the account keeps any, then hold what they found. */
  trace: z.boolean().default(false),
});

export type GuardrailSettings = z.output<typeof guardrailSettings>;
