import type { ExistingIndex } from '../../lambdas/vector-index/vector-index.ts';
import type { Settings } from '../../lib/settings.ts';

/** What was found of one thing that has to be right. */
export interface Finding {
  readonly check: string;
  /** `unknown`: it could not be looked at, because something before it is not right. */
  readonly state: 'ok' | 'problem' | 'unknown';
  readonly detail: string;
  /** Of a problem. */
  readonly fix?: string;
}

export interface ModelAccess {
  readonly isInRegion: boolean;
  readonly isAuthorized: boolean;
  readonly hasAgreement: boolean;
}

export interface Quota {
  readonly name: string;
  readonly value: number;
}

/** What is asked of an AWS account and of Pinecone. Each throws an error whose message a person can act on. */
export interface Account {
  /** @returns `123456789012 in us-east-1, as arn:…` */
  identity(): Promise<string>;
  /** @returns undefined when the region is not bootstrapped */
  bootstrapVersion(): Promise<number | undefined>;
  /** @param modelId without the geography of a profile */
  modelAccess(modelId: string): Promise<ModelAccess>;
  /** Requests and tokens a minute, as far as Service Quotas tells them. */
  quotas(modelId: string): Promise<readonly Quota[]>;
  /** @returns undefined when there is no such secret */
  pineconeKey(secretName: string): Promise<string | undefined>;
  index(apiKey: string, name: string): Promise<ExistingIndex | undefined>;
}

/** The CDK's own smallest version that deploys assets as this app has them. */
const LEAST_BOOTSTRAP = 6;
const GEOGRAPHY = /^(us|us-gov|eu|apac|jp|au|ca|sa|me|af|global)\./;

/** Runs a check; what it throws is its problem. */
async function check(name: string, fix: string, look: () => Promise<string | Finding>): Promise<Finding> {
  try {
    const found = await look();
    return typeof found === 'string' ? { check: name, state: 'ok', detail: found } : found;
  } catch (error) {
    return { check: name, state: 'problem', detail: error instanceof Error ? error.message : String(error), fix };
  }
}

const problem = (name: string, detail: string, fix: string): Finding => ({
  check: name,
  state: 'problem',
  detail,
  fix,
});

/** Needs no network. @param version as `process.version` has it */
export function examineNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= 24) return { check: 'Node', state: 'ok', detail: version };
  return problem('Node', `${version} cannot run TypeScript`, 'npm ci, which brings Node 24');
}

/** Everything of the account that a deployment and its answers need. */
export async function examineAccount(account: Account, settings: Settings): Promise<Finding[]> {
  const identity = await check('AWS credentials', 'aws configure, aws sso login, or AWS_PROFILE and AWS_REGION', () =>
    account.identity(),
  );
  const models = new Set([settings.embedding.modelId, settings.chat.modelId, settings.chat.condenseModelId]);
  if (identity.state === 'problem') {
    const others = ['bootstrap', ...[...models].map(model => `model ${model}`), 'Pinecone key', 'Pinecone index'];
    return [identity, ...others.map(name => unknown(name, 'needs AWS credentials'))];
  }
  const [bootstrap, pinecone, ...found] = await Promise.all([
    check('bootstrap', 'cloudformation:DescribeStacks must be allowed', () => examineBootstrap(account)),
    examinePinecone(account, settings),
    ...[...models].map(model => examineModel(account, model)),
  ]);
  return [identity, bootstrap, ...found.flat(), ...pinecone];
}

const unknown = (name: string, detail: string): Finding => ({ check: name, state: 'unknown', detail });

async function examineBootstrap(account: Account): Promise<string | Finding> {
  const version = await account.bootstrapVersion();
  if (version === undefined) return problem('bootstrap', 'this region is not bootstrapped', 'npx cdk bootstrap');
  if (version >= LEAST_BOOTSTRAP) return `version ${version}`;
  return problem('bootstrap', `version ${version}, and ${LEAST_BOOTSTRAP} is needed`, 'npx cdk bootstrap');
}

async function examineModel(account: Account, modelId: string): Promise<Finding[]> {
  const name = `model ${modelId}`;
  const base = modelId.replace(GEOGRAPHY, '');
  const access = await check(name, 'bedrock:GetFoundationModelAvailability must be allowed', async () => {
    const { isInRegion, isAuthorized, hasAgreement } = await account.modelAccess(base);
    // A profile calls the model in the regions of its geography, whether this one has it or not.
    if (!isInRegion && base === modelId) {
      return problem(name, 'is not in this region', 'another region, or a profile such as us.… or eu.… in cdk.json');
    }
    if (!hasAgreement) return problem(name, 'has no agreement', 'call it once yourself: docs/deploy.md, Model access');
    if (!isAuthorized) return problem(name, 'may not be used', 'ask for model access in the Bedrock console');
    return 'may be called';
  });
  const quotas = await check(`quotas of ${modelId}`, 'servicequotas:ListServiceQuotas must be allowed', async () => {
    const found = await account.quotas(base);
    const none = found.find(({ value }) => value === 0);
    if (none) return problem(`quotas of ${modelId}`, `${none.name} is 0`, 'ask for more in the Service Quotas console');
    const told = found.map(quota => `${quota.name}: ${quota.value}`).join('; ');
    return told || unknown(`quotas of ${modelId}`, 'Service Quotas tells none');
  });
  return [access, quotas];
}

async function examinePinecone(account: Account, { pinecone, embedding }: Settings): Promise<Finding[]> {
  const { apiKeySecretName: secret, indexName } = pinecone;
  let key: string | undefined;
  const keyFinding = await check('Pinecone key', 'the secret must hold the key, and you may read it', async () => {
    key = await account.pineconeKey(secret);
    if (key !== undefined) return `in the secret ${secret}`;
    return problem('Pinecone key', `there is no secret ${secret} in this region`, 'docs/deploy.md, The Pinecone key');
  });
  const found = key;
  if (found === undefined) return [keyFinding, unknown('Pinecone index', 'needs the key')];
  const index = await check('Pinecone index', 'the key must be one of your Pinecone project', async () => {
    const existing = await account.index(found, indexName);
    if (!existing) return `${indexName} will be made at deploy`;
    const { dimension, metric } = existing;
    if (dimension === embedding.dimension && metric === 'dotproduct')
      return `${indexName}, ${dimension} values, ${metric}`;
    return problem(
      'Pinecone index',
      `${indexName} has ${dimension} values and ${metric}; it takes ${embedding.dimension} and dotproduct`,
      'another pinecone.indexName in cdk.json, or delete that index',
    );
  });
  return [keyFinding, index];
}
