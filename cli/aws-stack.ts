import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { AwsCaller } from './aws-identity.ts';
import { CommandError, EXIT } from './command-error.ts';
import type { LoginServer } from './login/oauth.ts';

/** Few tries: somebody waits, and an account that does not answer is told. */
const client = { maxAttempts: 2 };

export interface DeployedStack {
  readonly restUrl: string;
  readonly loginServer?: LoginServer | undefined;
}

/** What the stack's outputs say, with the caller's own AWS credentials. @throws CommandError when there is no such stack */
export async function deployedStack(stage: string): Promise<DeployedStack> {
  const stack = `Groundwork-${stage}`;
  const outputs = await outputsOf(stack);
  if (!outputs) {
    throw new CommandError(
      `There is no stack ${stack} in this account and region: deploy it, or choose another --stage or AWS_REGION.`,
      EXIT.notFound,
    );
  }
  const { RestUrl: restUrl, UserPoolDomain: domain, CliClientId: clientId } = outputs;
  if (!restUrl) throw new CommandError(`The stack ${stack} has no address yet: is it being deployed?`);
  return {
    restUrl,
    loginServer: domain && clientId ? { domain, clientId } : undefined,
  };
}

/**
 * The credentials and the region that the AWS SDK finds.
 * @param region that the address names
 */
export async function awsCaller(region?: string): Promise<AwsCaller> {
  const { config } = new CloudFormationClient(region ? { ...client, region } : client);
  return { region: await ask(() => config.region()), credentials: () => ask(() => config.credentials()) };
}

/** @returns undefined when there is no such stack */
export async function outputsOf(stackName: string): Promise<Readonly<Record<string, string>> | undefined> {
  const cloudFormation = new CloudFormationClient(client);
  try {
    const { Stacks: [stack] = [] } = await ask(() =>
      cloudFormation.send(new DescribeStacksCommand({ StackName: stackName })),
    );
    return Object.fromEntries(
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
  } catch (error) {
    // CloudFormation has no error of its own for it.
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && /does not exist/.test(cause.message)) return undefined;
    throw error;
  } finally {
    cloudFormation.destroy();
  }
}

/** @throws CommandError that says what AWS lacks or said, with its error as cause */
export async function ask<Reply>(call: () => Promise<Reply>): Promise<Reply> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    const error = new CommandError(explain(cause));
    error.cause = cause;
    throw error;
  }
}

function explain({ name, message }: Error): string {
  if (name === 'CredentialsProviderError') {
    return 'There are no AWS credentials: set AWS_PROFILE, or run aws configure or aws sso login.';
  }
  if (/region is missing/i.test(message)) return 'No AWS region is chosen: set AWS_REGION.';
  if (/expired/i.test(name)) return 'The AWS credentials have expired: log in to AWS again.';
  return `AWS said: ${message} (${name})`;
}
