import { CustomResource } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { VectorIndexEnvironment } from '../lambdas/vector-index/config.ts';
import { GroundworkFunction } from './groundwork-function.ts';
import type { Settings } from './settings.ts';

export interface VectorIndexProps {
  readonly settings: Settings;
  /** The folder of the bundle that creates the index. */
  readonly bundle: string;
}

/**
 * The Pinecone serverless index that holds every tenant's chunks, a namespace a tenant. Created at deploy; an index of
 * that name that fits is taken over, one that does not is refused.
 */
export class VectorIndex extends Construct {
  /** The index's own host. */
  readonly host: string;
  readonly indexName: string;
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, { settings, bundle }: VectorIndexProps) {
    super(scope, id);
    const { indexName, cloud, region, apiKeySecretName } = settings.pinecone;
    this.indexName = indexName;
    this.secret = Secret.fromSecretNameV2(this, 'ApiKey', apiKeySecretName);
    const creator = new GroundworkFunction<VectorIndexEnvironment>(this, 'Creator', {
      description: 'Creates the Pinecone index at deploy',
      bundle,
      memoryMegabytes: 256,
      timeoutSeconds: 300,
      logRetentionDays: settings.logRetentionDays,
      environment: { PINECONE_SECRET_ARN: this.secret.secretArn },
    });
    this.grantKey(creator);
    const index = new CustomResource(this, 'Index', {
      resourceType: 'Custom::PineconeIndex',
      serviceToken: creator.function.functionArn,
      properties: {
        IndexName: indexName,
        Dimension: settings.embedding.dimension,
        // Embeddings have length 1, so this equals cosine, and the index can take sparse values beside them.
        Metric: 'dotproduct',
        Cloud: cloud,
        Region: region,
        DeletionProtection: settings.onRemoval === 'retain' ? 'enabled' : 'disabled',
        OnDelete: settings.onRemoval,
      },
    });
    this.host = index.getAttString('Host');
  }

  /** What a function needs to reach the index. */
  environment(): { PINECONE_SECRET_ARN: string; PINECONE_INDEX_NAME: string; PINECONE_INDEX_HOST: string } {
    return {
      PINECONE_SECRET_ARN: this.secret.secretArn,
      PINECONE_INDEX_NAME: this.indexName,
      PINECONE_INDEX_HOST: this.host,
    };
  }

  /** Pinecone knows one key for everything, so reading the key is access to the index. */
  grantKey(reader: GroundworkFunction<Record<string, string>>): void {
    // The name is known, the six random characters behind it are not.
    reader.allow(['secretsmanager:GetSecretValue'], [`${this.secret.secretArn}-??????`]);
  }
}
