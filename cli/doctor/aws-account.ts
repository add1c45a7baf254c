import {
  BedrockClient,
  GetFoundationModelAvailabilityCommand,
  GetFoundationModelCommand,
} from '@aws-sdk/client-bedrock';
import { paginateListServiceQuotas, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { secretsClient } from '../../lambdas/adapters/aws/services.ts';
import { pineconeKey } from '../../lambdas/adapters/pinecone-key.ts';
import { pineconeIndexControl } from '../../lambdas/vector-index/pinecone-index-control.ts';
import { ask, outputsOf } from '../aws-stack.ts';
import type { Account, Quota } from './examine.ts';

const options = { maxAttempts: 2 };
/** Somebody waits. */
const PINECONE_RETRY_MS = 3_000;

/** The caller's own account, and Pinecone with the key in it. Call `close` at the end. */
export function awsAccount(): Account & { close(): void } {
  const sts = new STSClient(options);
  const bedrock = new BedrockClient(options);
  const serviceQuotas = new ServiceQuotasClient(options);
  let quotas: Promise<readonly Quota[]> | undefined;

  const readQuotas = async () => {
    const found: Quota[] = [];
    for await (const { Quotas = [] } of paginateListServiceQuotas(
      { client: serviceQuotas },
      { ServiceCode: 'bedrock' },
    )) {
      found.push(...Quotas.map(({ QuotaName: name = '', Value: value = 0 }) => ({ name, value })));
    }
    return found;
  };

  return {
    async identity() {
      const { Account: account, Arn } = await ask(() => sts.send(new GetCallerIdentityCommand()));
      return `${account} in ${await sts.config.region()}, as ${Arn}`;
    },
    async bootstrapVersion() {
      const outputs = await outputsOf('CDKToolkit');
      return outputs && Number(outputs.BootstrapVersion);
    },
    async modelAccess(modelId) {
      const reply = await ask(() => bedrock.send(new GetFoundationModelAvailabilityCommand({ modelId })));
      return {
        isInRegion: reply.regionAvailability === 'AVAILABLE',
        isAuthorized: reply.authorizationStatus === 'AUTHORIZED' && reply.entitlementAvailability === 'AVAILABLE',
        hasAgreement: reply.agreementAvailability?.status === 'AVAILABLE',
      };
    },
    async quotas(modelId) {
      const command = new GetFoundationModelCommand({ modelIdentifier: modelId });
      const { modelDetails } = await ask(() => bedrock.send(command));
      const name = modelDetails?.modelName?.toLowerCase();
      quotas ??= ask(readQuotas);
      // Quotas are named by the model's name, `… requests per minute for Amazon Nova 2 Lite`, and bear no id of it.
      return (await quotas).filter(
        quota => name !== undefined && /per minute for /.test(quota.name) && quota.name.toLowerCase().endsWith(name),
      );
    },
    async pineconeKey(secretName) {
      try {
        // The functions' client knows no profiles: the SDK's finds whose account this is.
        const { credentials, region } = sts.config;
        const options = { credentials: await credentials(), region: await region() };
        return await pineconeKey(secretsClient(options), secretName)();
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
    index: (apiKey, name) => pineconeIndexControl(apiKey, { retryForMs: PINECONE_RETRY_MS }).describe(name),
    close() {
      for (const client of [sts, bedrock, serviceQuotas]) client.destroy();
    },
  };
}
