/**
 * What the parts of the local cloud know of each other. Each server lives in its own folder and is reached by the
 * others only through these shapes. Nothing here knows the application that runs on it.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** The one account and region of the local cloud; `region` may be chosen at start. */
export const ACCOUNT_ID = '000000000000';
export const PARTITION = 'aws';

/** Who makes a call: a role of the template, the person at the keyboard, or one of the cloud's own services. */
export type Caller =
  /** Any access key that the cloud did not issue: the account's administrator, allowed everything. */
  | { readonly kind: 'operator'; readonly accessKeyId: string }
  /** A function: `functionName` is for denials, `roleArn` decides. */
  | { readonly kind: 'role'; readonly accessKeyId: string; readonly roleArn: string; readonly functionName: string }
  /** A service of the cloud acting by a resource policy or a permission, e.g. `s3.amazonaws.com`. */
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn?: string }
  /** A call without credentials: denied unless a resource policy allows everyone (`*`). */
  | { readonly kind: 'anonymous' };

/** Condition keys of one call, e.g. `{ 's3:prefix': 'documents/' }`; `aws:SourceArn` and the like come from the caller. */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface Iam {
  /** Identity policies: every role of the template with its inline and managed policies, as policy documents. */
  putRole(role: { arn: string; name: string; trust: PolicyDocument; policies: readonly PolicyDocument[] }): void;
  removeRole(arn: string): void;
  /** A bucket's, queue's, secret's policy or a function's permissions, by the ARN of the resource. */
  putResourcePolicy(resourceArn: string, policy: PolicyDocument | undefined): void;
  /**
   * Allows or denies, as AWS does: an explicit deny wins, then an allow of the identity or the resource policy; a service
   * needs an allow of the resource policy.
   * @throws AccessDenied with a message that names who, the action, the resource and what would allow it
   */
  authorize(caller: Caller, action: string, resourceArn: string, context?: ConditionContext): void;
  /** Temporary credentials of a role, as a function gets them. Calls signed with them are the role's. */
  issueCredentials(roleArn: string, functionName: string): Credentials;
  /** @returns undefined for a key that the cloud did not issue */
  credentialsOf(accessKeyId: string): (Credentials & { roleArn: string; functionName: string }) | undefined;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: readonly PolicyStatement[];
}
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | number | readonly string[]>>>
  >;
}

/** A call that is not allowed; each server words it in its own wire format. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** One HTTP request to one server, HTTP/1.1 or HTTP/2 alike. */
export interface Exchange {
  readonly method: string;
  /** Undecoded path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly caller: Caller;
  /** The raw body as it arrives. */
  readonly request: IncomingMessage;
  /** HTTP/2 requests come through node's compatibility API, which has the same methods. */
  readonly response: ServerResponse;
  /** Reads the whole body. @throws Error when it is longer than `maxBytes` (default 16 MiB) */
  body(maxBytes?: number): Promise<Buffer>;
}

/** A server behind the gateway. It answers on `exchange.response`, errors in its own wire format included. */
export type Handler = (exchange: Exchange) => Promise<void>;

/** `access` is a request to an API, when it is over; `info` is for those who want to follow everything. */
export type LogLevel = 'info' | 'access' | 'warn' | 'error';

export interface Log {
  /**
   * One line for the person at the terminal.
   * @param source a function's, an API's or a server's name
   * @param level `warn` when left out: what is not marked as uninteresting is not to be missed
   */
  line(source: string, text: string, level?: LogLevel): void;
}

/* ---- What goes wrong on purpose: see faults/ ---- */

export interface CallFault {
  /** How long the call waits first. */
  readonly delayMs: number;
  /** Absent: it is served then. */
  readonly failure?: 'throttle' | 'error' | 'disconnect';
}
export interface StreamFault {
  readonly pieceDelayMs: number;
  /** Absent: it is sent to its end. */
  readonly breakAfterPieces?: number;
}
export interface InvocationFault {
  readonly kind: 'kill' | 'timeout';
  /** An invocation that ends before is spared. */
  readonly afterMs: number;
}
/** Decides what fails. Each question is asked once for each occasion, since it draws. */
export interface Faults {
  /** @param operation e.g. `InvokeModel` @returns undefined when the call is to be served as it is */
  ofCall(service: string, operation: string): CallFault | undefined;
  /** Of Bedrock's ConverseStream. */
  ofStream(): StreamFault;
  /** @param usualMs how long an invocation of this function takes */
  ofInvocation(functionName: string, usualMs: number): InvocationFault | undefined;
  /** How many milliseconds late each copy of a message comes; no copy when it is lost. */
  ofDelivery(queue: string): readonly number[];
  /** The most that messages of a failed invocation stay hidden; undefined: their visibility timeout. */
  readonly failedMessagesReturnMs: number | undefined;
}

/* ---- What servers offer each other and the deployer ---- */

export interface S3Notification {
  readonly queueArn: string;
  /** e.g. `s3:ObjectCreated:*` */
  readonly events: readonly string[];
  readonly prefix?: string;
  readonly suffix?: string;
}
export interface BucketSpec {
  readonly name: string;
  readonly versioned: boolean;
  readonly notifications: readonly S3Notification[];
  readonly cors: readonly CorsRule[];
}
export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}
export interface StoredObject {
  /** Content type, cache control and the like, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes. */
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** @param range `end` is inclusive; a whole object of no bytes has nothing to read */
  read(range?: { readonly start: number; readonly end: number }): Readable;
}
export interface S3Server {
  readonly handler: Handler;
  /**
   * For services: authorized as `caller` like any other call.
   * @returns undefined when the caller may know that there is none
   * @throws AccessDenied
   */
  readObject(caller: Caller, bucket: string, key: string): StoredObject | undefined;
  /** Creates the bucket or changes its configuration. */
  putBucket(spec: BucketSpec): void;
  /** @throws Error when the bucket is not empty, unless `force` */
  deleteBucket(name: string, options?: { force?: boolean }): Promise<void>;
}

export interface QueueSpec {
  readonly name: string;
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
}
export interface SqsServer {
  readonly handler: Handler;
  putQueue(spec: QueueSpec): void;
  deleteQueue(name: string): void;
  queueUrl(name: string): string;
  queueArn(name: string): string;
  /** For services and event sources: authorized as `caller` like any other call. */
  send(caller: Caller, queueArn: string, body: string): void;
  receive(caller: Caller, queueArn: string, max: number, waitMs: number, signal: AbortSignal): Promise<QueueMessage[]>;
  delete(caller: Caller, queueArn: string, receiptHandles: readonly string[]): void;
  changeVisibility(caller: Caller, queueArn: string, receiptHandle: string, seconds: number): void;
  /** Has a hidden message come back within `milliseconds`, if it would later; one that is gone is left so. */
  hasten(queueArn: string, receiptHandle: string, milliseconds: number): void;
  /** Has all hidden messages that were given out come back at once: whoever had them is no more. */
  returnAbandoned(queueArn: string): void;
}

export interface FunctionSpec {
  readonly name: string;
  readonly roleArn: string;
  /** The asset's folder, used where it lies. */
  readonly codeDirectory: string;
  /** `index.handler` */
  readonly handler: string;
  readonly runtime: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}
export interface EventSourceSpec {
  readonly id: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly maxBatchingWindowSeconds: number;
  readonly maxConcurrency?: number;
  readonly reportBatchItemFailures: boolean;
  readonly enabled: boolean;
}
export type InvocationResult =
  | { readonly ok: true; readonly payload: Buffer }
  /** `type` is the function's error type, `Sandbox.Timedout`, `Runtime.ExitError` or `Runtime.OutOfMemory`. */
  | { readonly ok: false; readonly type: string; readonly message: string };
/** A streamed reply: the first bytes up to eight NULs are a JSON prelude `{ statusCode, headers, cookies }`. */
export interface StreamedInvocation {
  readonly body: AsyncIterable<Buffer>;
  /** Resolves when the function has ended its reply, or failed midway. */
  readonly result: Promise<InvocationResult>;
  /** The client went away: closes the function's response stream. */
  cancel(): void;
}
export interface LambdaServer {
  /** The Invoke API for SDK clients. */
  readonly handler: Handler;
  functionArn(name: string): string;
  putFunction(spec: FunctionSpec): void;
  deleteFunction(name: string): Promise<void>;
  /** Authorized as `caller` (`lambda:InvokeFunction`) like any other call. */
  invoke(caller: Caller, functionName: string, payload: string): Promise<InvocationResult>;
  invokeStreaming(caller: Caller, functionName: string, payload: string): StreamedInvocation;
  /** Authorized at once, run as an asynchronous invocation: nobody waits, and it is retried when it fails. */
  invokeLater(caller: Caller, functionName: string, payload: string): void;
  putEventSource(spec: EventSourceSpec): void;
  deleteEventSource(id: string): Promise<void>;
  /** Ends pollers and processes; resolves when none is left. */
  close(): Promise<void>;
}
