import type { PolicyDocument } from '../contracts.ts';
import { PolicyError } from './policy-error.ts';

const allow = (...actions: readonly string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

/** What AWS keeps under these ARNs, as published in the AWS Managed Policy Reference. */
const POLICIES: Readonly<Record<string, PolicyDocument>> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': allow(
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ),
  'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs': allow(
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:DescribeLogGroups',
    'logs:DescribeLogStreams',
    'logs:PutLogEvents',
    'logs:GetLogEvents',
    'logs:FilterLogEvents',
  ),
  'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess': allow(
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:GetSamplingStatisticSummaries',
  ),
};

/**
 * The document of a policy that AWS manages.
 * @throws PolicyError for one that the local cloud does not have
 */
export function managedPolicy(arn: string): PolicyDocument {
  const policy = POLICIES[arn];
  if (policy) return policy;
  const known = Object.keys(POLICIES).join(', ');
  throw new PolicyError(`The local cloud does not have the managed policy ${arn}. It has: ${known}.`);
}
