import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { AwsClient } from '../../lambdas/adapters/aws/client.ts';
import { bedrockClient } from '../../lambdas/adapters/aws/services.ts';
import { type SqsClient, sqsClient } from '../../lambdas/adapters/sqs-client.ts';
import { createBedrock } from '../../local/bedrock/bedrock.ts';
import type { Guardrails } from '../../local/bedrock/guardrails.ts';
import type { Log, S3Server, SqsServer } from '../../local/contracts.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';
import { createPinecone } from '../../local/pinecone/pinecone.ts';
import { createS3 } from '../../local/s3/server.ts';
import { createSqs } from '../../local/sqs/server.ts';
import { openState } from '../../local/state.ts';

const region = 'us-east-1';
/** The one key that the local Pinecone accepts. */
export const PINECONE_KEY = 'local-test-key';

export interface LocalServices {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly s3: S3Server;
  readonly sqs: SqsServer;
  readonly guardrails: Guardrails;
  /** Where Pinecone's control plane answers. */
  readonly pineconeUrl: string;
  readonly clients: {
    readonly s3: S3Client;
    readonly sqs: SQSClient;
    /** The functions' own. */
    readonly queues: SqsClient;
    readonly bedrock: AwsClient;
  };
  close(): Promise<void>;
}

/** The local cloud's servers behind its gateway, on a free port, with clients that may do everything. */
export async function startLocalServices(): Promise<LocalServices> {
  const directory = await mkdtemp(join(tmpdir(), 'groundwork-services-'));
  const state = openState(join(directory, 'state'));
  const { database } = state;
  const iam = createIam();
  const log: Log = { line: () => undefined };
  let gateway: Gateway | undefined;
  const url = () => gateway?.url ?? '';

  const sqs = createSqs({ database, iam, url, region });
  const s3 = createS3({ database, directory: state.directory('s3'), iam, sqs, url, region, log });
  const bedrock = createBedrock({ iam, region, log });
  const pinecone = createPinecone({ database, url, apiKey: () => PINECONE_KEY });
  gateway = await startGateway({
    port: 0,
    routes: {
      s3: s3.handler,
      sqs: sqs.handler,
      bedrock: bedrock.handler,
      _pinecone: pinecone.handler,
    },
    identify: createIdentify({ iam }),
    log,
  });

  const config = { region, endpoint: gateway.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const clients = {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    sqs: new SQSClient(config),
    queues: sqsClient(config),
    bedrock: bedrockClient(config),
  };
  return {
    url: gateway.url,
    s3,
    sqs,
    guardrails: bedrock.guardrails,
    pineconeUrl: `${gateway.url}/_pinecone`,
    clients,
    async close() {
      clients.s3.destroy();
      clients.sqs.destroy();
      await gateway.close();
      state.close();
      await rm(directory, { recursive: true });
    },
  };
}
