import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface GroundworkFunctionProps<Environment> {
  readonly description: string;
  /** The folder of its bundle. */
  readonly bundle: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly logRetentionDays: number;
  /** What the function's config parses, key for key. */
  readonly environment: Environment;
}

/**
 * A function of this stack: Node 24 on arm64, JSON logs with a retention, X-Ray, and a role that may write its own logs
 * and traces and nothing else until `allow` says so.
 */
export class GroundworkFunction<Environment extends Record<string, string>> extends Construct {
  readonly function: LambdaFunction;
  readonly timeoutSeconds: number;

  constructor(scope: Construct, id: string, props: GroundworkFunctionProps<Environment>) {
    super(scope, id);
    this.timeoutSeconds = props.timeoutSeconds;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetentionDays as RetentionDays, // the settings allow CloudWatch's values only; the enum is those numbers
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      // A role of its own, because the default one carries a managed policy that may write to every log group.
      role: new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
      logGroup,
      code: Code.fromAsset(props.bundle),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMegabytes,
      timeout: Duration.seconds(props.timeoutSeconds),
      tracing: Tracing.ACTIVE,
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: id,
        POWERTOOLS_METRICS_NAMESPACE: 'Groundwork',
        POWERTOOLS_LOG_LEVEL: 'INFO',
      },
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    acknowledge(this, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray has no resources that a policy could name.');
    acknowledge(
      this,
      'Serverless-LambdaDLQ',
      'Never invoked asynchronously: by queues that have dead-letter queues, by API Gateway, or by CloudFormation.',
    );
  }

  /** Grants exactly these actions on exactly these resources. */
  allow(actions: readonly string[], resources: readonly string[], conditions?: Record<string, unknown>): void {
    this.function.addToRolePolicy(
      new PolicyStatement({ actions: [...actions], resources: [...resources], conditions }),
    );
  }
}
