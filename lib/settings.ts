import { z } from 'zod';
import { budgetsSchema } from '../lambdas/budgets.ts';
import { guardrailSettings } from './guardrail-settings.ts';
import { identitySettings } from './identity-settings.ts';
import { webSettings } from './web-settings.ts';

/** Log retentions that CloudWatch knows, in days. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653] as const;

const usdPerMillionTokens = z.number().min(0);

/** The settings of a stage, as cdk.json states them; docs/deploy.md has a table of them. */
export const stageSettings = z.strictObject({
  /** `retain` keeps tables, bucket and index when the stack goes, and protects them from deletion. */
  onRemoval: z.enum(['retain', 'destroy']).default('retain'),
  embedding: z
    .strictObject({
      modelId: z.string().min(1).default('amazon.titan-embed-text-v2:0'),
      /** Values in each embedding; the model must offer it, and the index keeps it for ever. */
      dimension: z.literal([256, 512, 1024]).default(1024),
      /** Calls to the model at a time, in each running embed function. */
      concurrency: z.int().min(1).max(50).default(8),
    })
    .prefault({}),
  chat: z
    .strictObject({
      /** Answers. A `us.`, `eu.`, `jp.` or `global.` inference profile, or a base model. */
      modelId: z.string().min(1).default('us.amazon.nova-2-lite-v1:0'),
      /** Answers what is not simple, in place of modelId; left out: modelId answers everything. */
      strongModelId: z.string().min(1).optional(),
      /** Rewrites follow-up questions, titles and summarizes conversations; a small, fast model will do. */
      condenseModelId: z.string().min(1).default('us.amazon.nova-2-lite-v1:0'),
      /** Puts the passages found in a better order, e.g. `cohere.rerank-v3-5:0`; left out: they keep retrieval's. */
      rerankModelId: z.string().min(1).optional(),
      maxTokens: z.int().min(64).max(64_000).default(1024),
      /** Left out: the model's own default, for models that refuse the parameter. */
      temperature: z.number().min(0).max(1).optional(),
      /** Passages given to the model. */
      topK: z.int().min(1).max(50).default(8),
      /**
       * Share of meaning in a passage's score, 0 to 1; the rest is the share of words. Measured with the local embedder
       * (docs/decisions/0010-hybrid-retrieval.md); a stronger model may earn more.
       */
      denseWeight: z.number().min(0).max(1).default(0.3),
      /**
       * Evidence (0 to 1) below which a question is refused without asking the model. Measured with the local embedder, as
       * denseWeight; 0 leaves it to the model.
       */
      minEvidence: z.number().min(0).max(1).default(0.22),
      /**
       * Passages that were written to steer a model, by signs that ingestion found: `mark` tells the model, `drop` leaves
       * them out, `keep` treats them like any other.
       */
      suspiciousPassages: z.enum(['mark', 'drop', 'keep']).default('mark'),
      /** A Bedrock guardrail around questions, passages and answers; left out: none, since it costs by use. */
      guardrail: guardrailSettings.optional(),
      historyTokens: z.int().min(0).max(100_000).default(3000),
      /**
       * Minutes for which a reply may be given again to a question of the same meaning that finds exactly the same passages
       * (docs/decisions/0014-answer-cache.md). 0: every question is answered anew.
       */
      answerCacheMinutes: z.int().min(0).max(10_080).default(0),
      /** Least similarity (cosine) of two questions that mean the same. */
      answerCacheSimilarity: z.number().min(0.8).max(1).default(0.97),
      /** For models that lambdas/chat/prices.ts does not list. */
      prices: z.strictObject({ input: usdPerMillionTokens, output: usdPerMillionTokens }).optional(),
      strongPrices: z.strictObject({ input: usdPerMillionTokens, output: usdPerMillionTokens }).optional(),
    })
    .prefault({}),
  /** What keys, users and tenants may spend a day and a month (UTC), in tokens and dollars. Left out: no limit. */
  budgets: budgetsSchema.prefault({}),
  conversations: z
    .strictObject({
      /** Days after which a turn is forgotten, and a conversation after its last turn; for turns from then on. */
      retentionDays: z.int().min(1).max(3653).default(90),
    })
    .prefault({}),
  identity: identitySettings.prefault({}),
  pinecone: z
    .strictObject({
      /** The Secrets Manager secret that holds the API key; made by hand, once, before the first deploy. */
      apiKeySecretName: z.string().min(1).default('groundwork/pinecone-api-key'),
      /** Default: `groundwork-<stage>`. */
      indexName: z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,44}$/, 'up to 45 lower-case letters, digits and hyphens')
        .optional(),
      cloud: z.enum(['aws', 'gcp', 'azure']).default('aws'),
      region: z.string().min(1).default('us-east-1'),
    })
    .prefault({}),
  ingestion: z
    .strictObject({
      chunkTokens: z.int().min(50).max(8000).default(1000),
      chunkOverlapTokens: z.int().min(0).max(4000).default(200),
      /** Larger objects end FAILED without being read. */
      maxDocumentMegabytes: z.int().min(1).max(500).default(50),
      /** Documents parsed at a time. */
      processConcurrency: z.int().min(2).max(1000).default(10),
      /** Functions that embed at a time, each up to ten batches of chunks. */
      embedConcurrency: z.int().min(2).max(1000).default(5),
      processTimeoutSeconds: z.int().min(10).max(900).default(120),
      embedTimeoutSeconds: z.int().min(10).max(900).default(60),
      /** Who reads the letters of scanned PDFs; without, they end FAILED. */
      ocr: z.enum(['off', 'textract']).default('off'),
      /** When bucket, registry, chunks and vectors are compared, in UTC: an EventBridge schedule, or `off`. */
      reconcileSchedule: z
        .string()
        .min(1)
        .refine(text => /^(off|cron\([^()]+\)|rate\([^()]+\))$/.test(text), 'must be cron(…), rate(…) or off')
        .default('cron(0 2 * * ? *)'),
    })
    .refine(({ chunkTokens, chunkOverlapTokens }) => chunkOverlapTokens <= chunkTokens / 2, {
      path: ['chunkOverlapTokens'],
      error: 'must be at most half of chunkTokens',
    })
    .prefault({}),
  api: z
    .strictObject({
      /** Requests a second over all clients, and how many more may come at once. */
      requestsPerSecond: z.int().min(1).max(10_000).default(20),
      burst: z.int().min(1).max(5000).default(40),
    })
    .prefault({}),
  web: webSettings.prefault({}),
  logRetentionDays: z.literal(retentionDays).default(30),
});

const stageName = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'up to 20 lower-case letters, digits and hyphens');

const context = z.object({
  stage: stageName.default('dev'),
  stages: z.record(stageName, z.unknown()),
  /** `off` leaves out the rule packs, for a quick synthesis whose template is not deployed. */
  rules: z.enum(['on', 'off']).default('on'),
});

/** Context that is not ours: the construct library's flags and lookups carry a colon, and the command reads this one. */
const isForeign = (key: string) => key.includes(':') || key === 'cli-telemetry';

export type Settings = z.output<typeof stageSettings> & {
  readonly stage: string;
  readonly rules: 'on' | 'off';
  readonly pinecone: { readonly indexName: string };
};

/** The settings do not make sense; the message names every fault. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  constructor(faults: readonly string[]) {
    const count = faults.length === 1 ? 'A setting is wrong' : `${faults.length} settings are wrong`;
    super(`${count} (cdk.json, or -c on the command line):\n${faults.map(fault => `  ${fault}`).join('\n')}`);
  }
}

/**
 * Chooses and checks the settings of one stage.
 * @param values the whole CDK context, from cdk.json and `-c`
 * @throws SettingsError naming every wrong and every unknown setting at once
 */
export function parseSettings(values: Readonly<Record<string, unknown>>): Settings {
  const faults = Object.keys(values)
    .filter(key => !(key in context.shape) && !isForeign(key))
    .map(key => `${key}: there is no such setting`);
  const chosen = context.safeParse(values);
  if (!chosen.success) throw new SettingsError([...faults, ...describe(chosen.error)]);
  const { stage, stages, rules } = chosen.data;
  if (!(stage in stages)) {
    const known = Object.keys(stages).join(', ');
    throw new SettingsError([...faults, `stage: there is no "${stage}" in cdk.json; there are: ${known}`]);
  }
  const settings = stageSettings.safeParse(stages[stage]);
  if (!settings.success) throw new SettingsError([...faults, ...describe(settings.error, ['stages', stage])]);
  if (faults.length > 0) throw new SettingsError(faults);
  const { pinecone } = settings.data;
  const indexName = pinecone.indexName ?? `groundwork-${stage}`;
  return { ...settings.data, stage, rules, pinecone: { ...pinecone, indexName } };
}

function describe(error: z.ZodError, prefix: readonly string[] = []): string[] {
  return error.issues.flatMap(issue => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => `${[...path, key].join('.')}: there is no such setting`);
    return `${path.join('.')}: ${issue.message}`;
  });
}
