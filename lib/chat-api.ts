import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  type ApiKey,
  Cors,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseTransferMode,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import {
  type ApiFunctionsProps,
  CHAT_TIMEOUT_SECONDS,
  chatFunction,
  recordsFunction,
  searchFunction,
} from './api-functions.ts';
import { addProblemResponses } from './gateway-problems.ts';

/** The REST API: POST /chat (streamed), POST /search, and everything that reads or changes records. */
export class ChatApi extends Construct {
  readonly api: RestApi;
  readonly apiKey: ApiKey;
  readonly #props: ApiFunctionsProps;

  constructor(scope: Construct, id: string, props: ApiFunctionsProps) {
    super(scope, id);
    this.#props = props;
    this.api = this.#createApi();
    addProblemResponses(this.api);
    this.api.node.tryRemoveChild('Endpoint'); // the stack has an output of its own for the address
    this.apiKey = this.#meterByKey();
    this.#addRoutes();
    this.#acknowledgeRules();
  }

  #createApi(): RestApi {
    const { settings } = this.#props;
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: settings.logRetentionDays as RetentionDays, // the settings allow CloudWatch's values only; the enum is those numbers
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new RestApi(this, 'Api', {
      restApiName: `groundwork-${settings.stage}`,
      description: 'Groundwork: questions, documents and conversations',
      endpointTypes: [EndpointType.REGIONAL],
      // The account's one role by which API Gateway writes logs; kept when this stack goes, others may use it.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'v1',
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        throttlingRateLimit: settings.api.requestsPerSecond,
        throttlingBurstLimit: settings.api.burst,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields({
          caller: false,
          httpMethod: true,
          ip: true,
          protocol: true,
          requestTime: true,
          resourcePath: true,
          responseLength: true,
          status: true,
          user: false,
        }),
      },
      defaultCorsPreflightOptions: {
        allowOrigins: Cors.ALL_ORIGINS,
        allowHeaders: ['content-type', 'accept', 'authorization', 'x-api-key'],
        maxAge: Duration.hours(1),
      },
      defaultMethodOptions: { apiKeyRequired: true },
    });
  }

  #meterByKey(): ApiKey {
    const { settings } = this.#props;
    const plan = this.api.addUsagePlan('UsagePlan', {
      throttle: { rateLimit: settings.api.requestsPerSecond, burstLimit: settings.api.burst },
      apiStages: [{ stage: this.api.deploymentStage }],
    });
    // API Gateway makes up the value: it never stands in the template.
    const key = this.api.addApiKey('Key', { description: `The first API key of Groundwork ${settings.stage}` });
    plan.addApiKey(key);
    return key as ApiKey; // addApiKey promises the interface, and makes an ApiKey
  }

  #addRoutes(): void {
    const chat = new LambdaIntegration(chatFunction(this, this.#props).function, {
      responseTransferMode: ResponseTransferMode.STREAM,
      timeout: Duration.seconds(CHAT_TIMEOUT_SECONDS),
      allowTestInvoke: false,
    });
    const search = new LambdaIntegration(searchFunction(this, this.#props).function, { allowTestInvoke: false });
    const records = new LambdaIntegration(recordsFunction(this, this.#props).function, { allowTestInvoke: false });

    const { root } = this.api;
    const chatResource = root.addResource('chat');
    chatResource.addMethod('POST', chat);
    chatResource.addMethod('ANY', records); // answers 405 and names what is allowed
    const searchResource = root.addResource('search');
    searchResource.addMethod('POST', search);
    searchResource.addMethod('ANY', records);
    for (const open of ['health', 'openapi.json', 'csp-reports'])
      root.addResource(open).addMethod('ANY', records, { apiKeyRequired: false });
    root.addMethod('ANY', records);
    root.addProxy({ defaultIntegration: records, anyMethod: true });
  }

  #acknowledgeRules(): void {
    acknowledge(this, 'AwsSolutions-APIG2', 'The functions check every request against the schemas of /openapi.json.');
    acknowledge(
      this,
      'AwsSolutions-APIG3',
      'A web ACL has a fixed price a month; attach one where the stack is public.',
    );
    acknowledge(this, 'AwsSolutions-APIG4', 'API keys stand in for identities until users have accounts.');
    acknowledge(this, 'AwsSolutions-COG4', 'API keys stand in for identities until users have accounts.');
    acknowledge(
      this,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      'The role is the account-wide one that AWS documents for API Gateway.',
    );
  }
}
