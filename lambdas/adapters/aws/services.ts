import { AwsClient, type AwsClientOptions } from './client.ts';

/** A client of each service that functions call by their own clients. */
export const bedrockClient = (options?: AwsClientOptions): AwsClient =>
  new AwsClient({ host: 'bedrock-runtime', signingName: 'bedrock' }, options);
export const rerankClient = (options?: AwsClientOptions): AwsClient =>
  new AwsClient({ host: 'bedrock-agent-runtime', signingName: 'bedrock' }, options);
export const secretsClient = (options?: AwsClientOptions): AwsClient =>
  new AwsClient({ host: 'secretsmanager', signingName: 'secretsmanager' }, options);
