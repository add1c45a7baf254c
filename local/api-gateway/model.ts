/** What a REST API is made of, as the deployer hands it over. */

export interface RestApiSpec {
  /** Ten lower-case letters and digits. */
  readonly id: string;
  readonly name: string;
  readonly rootResourceId: string;
  /** Bodies of these types are handed on as base64; `*` takes every type. */
  readonly binaryMediaTypes: readonly string[];
}
export interface ResourceSpec {
  readonly apiId: string;
  readonly id: string;
  readonly parentId: string;
  /** `documents`, `{id}` or `{proxy+}` */
  readonly pathPart: string;
}
export interface MethodSpec {
  readonly apiId: string;
  readonly resourceId: string;
  /** `GET`, or `ANY` */
  readonly httpMethod: string;
  readonly apiKeyRequired: boolean;
  readonly authorization: MethodAuthorization;
  /** Parameters without which a request is refused, e.g. `method.request.querystring.q`. */
  readonly requiredParameters: readonly string[];
  readonly integration: Integration;
}
/** Who decides whether a request may go on: nobody, IAM by the request's signature, or a function. */
export type MethodAuthorization =
  | { readonly type: 'NONE' | 'AWS_IAM' }
  | { readonly type: 'CUSTOM'; readonly authorizerId: string };
/** A function that decides from the whole request, asked anew each time. */
export interface AuthorizerSpec {
  readonly apiId: string;
  readonly id: string;
  readonly functionName: string;
  /** Without one of these the request is refused, and the function not asked. */
  readonly identitySources: readonly { readonly place: 'header' | 'querystring'; readonly name: string }[];
}
export type Integration = LambdaIntegration | MockIntegration;
export interface LambdaIntegration {
  readonly type: 'AWS_PROXY';
  readonly functionName: string;
  /** Whether the reply is passed on as it comes, status and headers in a prelude. */
  readonly streaming: boolean;
  readonly timeoutMs: number;
}
export interface MockIntegration {
  readonly type: 'MOCK';
  /** By content type; the template names the status to answer: `{ "statusCode": 204 }`. */
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly responses: readonly MockResponse[];
}
export interface MockResponse {
  readonly statusCode: number;
  /** Matches the status of the request template; absent: the default response. */
  readonly selectionPattern?: string;
  /** By header name; constants in single quotes, or mappings such as `context.requestId`. */
  readonly headers: Readonly<Record<string, string>>;
  /** By content type. */
  readonly templates: Readonly<Record<string, string>>;
}
/** What API Gateway itself answers, e.g. of the type `THROTTLED`. */
export interface GatewayResponseSpec {
  readonly apiId: string;
  readonly type: string;
  readonly statusCode?: number;
  /** By header name, as in MockResponse. */
  readonly headers: Readonly<Record<string, string>>;
  readonly templates: Readonly<Record<string, string>>;
}
export interface StageSpec {
  readonly apiId: string;
  readonly name: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttles: readonly MethodThrottle[];
}
export interface MethodThrottle extends Throttle {
  /** `/documents/{id}`, or `/*` for every resource. */
  readonly resourcePath: string;
  /** `GET`, or `*` */
  readonly httpMethod: string;
}
export interface Throttle {
  /** Requests a second in the long run. */
  readonly rateLimit: number;
  /** Requests at once. */
  readonly burstLimit: number;
}
export interface ApiKeySpec {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly enabled: boolean;
  /** Made up once and kept when it is left out. */
  readonly value?: string;
}
export interface ApiKey extends ApiKeySpec {
  readonly value: string;
  /** Seconds since 1970. */
  readonly createdAt: number;
}
export interface UsagePlanSpec {
  readonly id: string;
  readonly stages: readonly UsagePlanStage[];
  readonly throttle?: Throttle;
  readonly quota?: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
}
interface UsagePlanStage {
  readonly apiId: string;
  readonly stage: string;
  readonly throttles: readonly MethodThrottle[];
}
