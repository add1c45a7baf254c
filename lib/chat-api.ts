import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  Cors,
  EndpointType,
  type IResource,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  type MethodOptions,
  ResponseTransferMode,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { ApiAuthorizer } from './api-authorizer.ts';
import {
  type ApiFunctionsProps,
  CHAT_TIMEOUT_SECONDS,
  chatFunction,
  recordsFunction,
  searchFunction,
} from './api-functions.ts';
import { addProblemResponses } from './gateway-problems.ts';
import type { Identity } from './identity.ts';

/** Stands in the address, before the path. */
export const STAGE_NAME = 'v1';
const REPORT_LIMITS = { throttlingRateLimit: 5, throttlingBurstLimit: 20 };
/** Whoever asks: the state of the service, what the API is, and what browsers report. */
const OPEN_PATHS = ['health', 'openapi.json', 'csp-reports'] as const;

export interface ChatApiProps extends ApiFunctionsProps {
  readonly identity: Identity;
}

/** The REST API: POST /chat (streamed), POST /search, and everything that reads or changes records. */
export class ChatApi extends Construct {
  readonly api: RestApi;
  readonly #props: ChatApiProps;

  constructor(scope: Construct, id: string, props: ChatApiProps) {
    super(scope, id);
    this.#props = props;
    this.api = this.#createApi();
    addProblemResponses(this.api);
    this.api.node.tryRemoveChild('Endpoint'); // the stack has an output of its own for the address
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
        stageName: STAGE_NAME,
        tracingEnabled: true,
        metricsEnabled: true,
        loggingLevel: MethodLoggingLevel.ERROR,
        throttlingRateLimit: settings.api.requestsPerSecond,
        throttlingBurstLimit: settings.api.burst,
        // Anyone may send reports, and each is logged.
        methodOptions: { '/csp-reports/ANY': REPORT_LIMITS },
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
    });
  }

  #addRoutes(): void {
    const { bundles, settings, identity, records: tables } = this.#props;
    const { authorizer } = new ApiAuthorizer(this, 'Authorizer', {
      ...{ bundle: bundles.authorizer, logRetentionDays: settings.logRetentionDays, identity, records: tables },
    });
    const chat = new LambdaIntegration(chatFunction(this, this.#props).function, {
      responseTransferMode: ResponseTransferMode.STREAM,
      timeout: Duration.seconds(CHAT_TIMEOUT_SECONDS),
      allowTestInvoke: false,
    });
    const search = new LambdaIntegration(searchFunction(this, this.#props).function, { allowTestInvoke: false });
    const records = new LambdaIntegration(recordsFunction(this, this.#props).function, { allowTestInvoke: false });
    const functions = { chat, search, records };

    const { root } = this.api;
    addApiRoutes(root, functions, { authorizer, authorizationType: AuthorizationType.CUSTOM });
    // The same for programs that have credentials of AWS: they sign.
    addApiRoutes(root.addResource('iam'), functions, { authorizationType: AuthorizationType.IAM });
    for (const path of OPEN_PATHS)
      root.addResource(path).addMethod('ANY', records, { authorizationType: AuthorizationType.NONE });
  }

  #acknowledgeRules(): void {
    acknowledge(this, 'AwsSolutions-APIG2', 'The functions check every request against the schemas of /openapi.json.');
    acknowledge(
      this,
      'AwsSolutions-APIG3',
      'A web ACL has a fixed price a month; attach one where the stack is public.',
    );
    acknowledge(
      this,
      'AwsSolutions-APIG4',
      'Only health, the description of the API, reports of browsers and preflights are open; they tell nothing about anyone.',
    );
    acknowledge(
      this,
      'AwsSolutions-COG4',
      'A Lambda authorizer verifies the tokens of the user pool, because API keys are taken by the same routes.',
    );
    acknowledge(
      this,
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      'The role is the account-wide one that AWS documents for API Gateway.',
    );
  }
}

interface ApiIntegrations {
  readonly chat: LambdaIntegration;
  readonly search: LambdaIntegration;
  readonly records: LambdaIntegration;
}

/** Every route below `root`; the function of the records also answers 404 and 405, and names what is there. */
function addApiRoutes(root: IResource, { chat, search, records }: ApiIntegrations, options: MethodOptions): void {
  for (const [path, integration] of Object.entries({ chat, search })) {
    const resource = root.addResource(path);
    resource.addMethod('POST', integration, options);
    resource.addMethod('ANY', records, options);
  }
  root.addMethod('ANY', records, options);
  root.addProxy({ anyMethod: false }).addMethod('ANY', records, options);
}
