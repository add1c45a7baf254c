import { ACCOUNT_ID, type ConditionContext, PARTITION } from '../contracts.ts';

/** What a model id of a request names, and what the caller must be allowed to invoke for it. */
export interface ModelReference {
  /** As the request wrote it. */
  readonly modelId: string;
  /** Without geography, e.g. `amazon.nova-2-lite-v1:0`; undefined for an application's own profile. */
  readonly foundationModelId?: string;
  readonly resources: readonly { readonly arn: string; readonly context?: ConditionContext }[];
}

/** The prefixes of cross-region inference profiles. */
const GEOGRAPHY = /^(?:us-gov|us|eu|apac|jp|au|ca|in|sa|global)\.(?=[a-z0-9-]+\.)/;
/** `provider.model`, with an optional version `:0` and context size `:0:8k`. */
const FOUNDATION_MODEL = /^[a-z0-9-]{1,63}\.[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[a-z0-9]{1,20}){0,2}$/;
const ARN =
  /^arn:aws[a-z-]*:bedrock:([a-z0-9-]*):([0-9]{12})?:(foundation-model|inference-profile|application-inference-profile)\/(.+)$/;

/** @returns undefined when no model can have this id */
export function readModelId(modelId: string, region: string): ModelReference | undefined {
  const arn = ARN.exec(modelId);
  if (!arn) return modelId.startsWith('arn:') ? undefined : referenceOf(modelId, modelId, region);
  const [, arnRegion = '', account = ACCOUNT_ID, kind, id = ''] = arn;
  switch (kind) {
    case 'foundation-model':
      return FOUNDATION_MODEL.test(id) && !GEOGRAPHY.test(id)
        ? referenceOf(modelId, id, arnRegion || region)
        : undefined;
    case 'inference-profile':
      return GEOGRAPHY.test(id) ? referenceOf(modelId, id, arnRegion || region, account) : undefined;
    default:
      return { modelId, resources: [{ arn: modelId }] };
  }
}

function referenceOf(modelId: string, id: string, region: string, account = ACCOUNT_ID): ModelReference | undefined {
  const foundationModelId = id.replace(GEOGRAPHY, '');
  if (!FOUNDATION_MODEL.test(foundationModelId)) return undefined;
  const modelArn = `arn:${PARTITION}:bedrock:${region}::foundation-model/${foundationModelId}`;
  if (foundationModelId === id) return { modelId, foundationModelId, resources: [{ arn: modelArn }] };
  const profileArn = `arn:${PARTITION}:bedrock:${region}:${account}:inference-profile/${id}`;
  const context = { 'bedrock:InferenceProfileArn': profileArn };
  return { modelId, foundationModelId, resources: [{ arn: profileArn }, { arn: modelArn, context }] };
}
