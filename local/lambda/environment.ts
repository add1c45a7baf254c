import { randomBytes } from 'node:crypto';
import type { Credentials, FunctionSpec } from '../contracts.ts';

export interface EnvironmentOptions {
  readonly spec: FunctionSpec;
  readonly region: string;
  readonly credentials: Credentials;
  /** The local cloud's address. */
  readonly url: string;
  readonly runtimeApi: string;
  readonly home: string;
}

/**
 * All that a function's process sees: what Lambda sets, the function's own variables, and where the local cloud is.
 * Nothing of this process's environment, so no profile or key of the person at the keyboard. /tmp is the machine's own:
 * on Lambda it belongs to one process, but functions that keep to names of their own cannot tell.
 */
export function functionEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { spec, region, credentials, url, runtimeApi, home } = options;
  return {
    ...spec.environment,
    _HANDLER: spec.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${spec.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: spec.codeDirectory,
    HOME: home,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    AWS_ENDPOINT_URL: url,
    PINECONE_CONTROLLER_HOST: `${url}/_pinecone`,
  };
}

function logStreamName(): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
}
