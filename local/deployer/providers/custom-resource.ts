import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Value } from '../../assembly.ts';
import type { Exchange, Handler, LambdaServer } from '../../contracts.ts';
import { jsonReply, REST_JSON } from '../../wire.ts';
import { isList } from '../intrinsics.ts';
import {
  cfn,
  type DeployedResource,
  defineProvider,
  type ResourceProvider,
  type ResourceRequest,
} from '../resource.ts';
import { functionNameOf } from './lambda.ts';

/** How long a function may take to answer when the template does not say; AWS waits an hour. */
const DEFAULT_TIMEOUT_SECONDS = 300;
const MAX_REPLY_BYTES = 64 * 1024;

const customProperties = z.looseObject({
  ServiceToken: z.string().includes(':lambda:', { message: 'only Lambda functions can serve custom resources here' }),
  ServiceTimeout: cfn.number.default(DEFAULT_TIMEOUT_SECONDS),
});

const replySchema = z.object({
  Status: z.enum(['SUCCESS', 'FAILED']),
  Reason: z.string().optional(),
  PhysicalResourceId: z.string().optional(),
  Data: z
    .record(
      z.string(),
      z.custom<Value>(item => item !== undefined),
    )
    .optional(),
});
type Reply = z.infer<typeof replySchema>;

/** Where functions send what became of a custom resource: one address a request, good for one answer. */
export interface CustomResourceReplies {
  /** Serves `PUT /_cloudformation/<token>`. */
  readonly handler: Handler;
  /** Opens an address; `close` ends it whether or not an answer came. */
  open(): { readonly path: string; readonly reply: Promise<Reply>; close(): void };
}

export function customResourceReplies(): CustomResourceReplies {
  const waiting = new Map<string, (body: Buffer) => void>();
  return {
    async handler(exchange: Exchange) {
      const token = exchange.path.split('/')[2] ?? '';
      const take = exchange.method === 'PUT' ? waiting.get(token) : undefined;
      if (!take) {
        exchange.response.writeHead(404).end();
        return;
      }
      take(await exchange.body(MAX_REPLY_BYTES));
      jsonReply(exchange.response, {}, REST_JSON);
    },
    open() {
      const token = randomBytes(16).toString('hex');
      const { promise: reply, resolve, reject } = Promise.withResolvers<Reply>();
      // The waiting side may have given up by then.
      reply.catch(() => undefined);
      waiting.set(token, body => {
        waiting.delete(token);
        try {
          resolve(replySchema.parse(JSON.parse(body.toString('utf8'))));
        } catch (cause) {
          reject(new Error('its function sent a malformed answer to the ResponseURL.', { cause }));
        }
      });
      return { path: `/_cloudformation/${token}`, reply, close: () => void waiting.delete(token) };
    },
  };
}

export interface CustomResourceOptions {
  readonly lambda: LambdaServer;
  readonly replies: CustomResourceReplies;
  /** The cloud's own address; a resource made under another one is updated, since it may have kept addresses. */
  readonly url: string;
  readonly stackId: string;
}

/** Custom resources, served by the functions of the template as CloudFormation asks them. */
export function customResourceProviders(options: CustomResourceOptions): ResourceProvider[] {
  return ['Custom::*', 'AWS::CloudFormation::CustomResource'].map(type => ({
    ...defineProvider({
      type,
      properties: customProperties,
      handled: ['*'],
      put: (properties, resource) => createOrUpdate(options, resource, properties.ServiceTimeout),
      async delete(properties, resource) {
        await ask(options, 'Delete', resource, properties.ServiceTimeout, resource.physicalId);
      },
    }),
  }));
}

async function createOrUpdate(options: CustomResourceOptions, resource: ResourceRequest, timeoutSeconds: number) {
  const { previous, properties } = resource;
  if (previous && previous.cloudUrl === options.url && isEqual(previous.properties, properties)) {
    return { physicalId: previous.physicalId, attributes: previous.attributes };
  }
  const reply = await ask(options, previous ? 'Update' : 'Create', resource, timeoutSeconds, previous?.physicalId);
  const physicalId = reply.PhysicalResourceId ?? previous?.physicalId;
  if (!physicalId) throw new Error('its function answered without a PhysicalResourceId.');
  return { physicalId, attributes: reply.Data ?? {} };
}

/** @throws Error with the function's own reason when it fails, or when no answer comes in time */
async function ask(
  { lambda, replies, url, stackId }: CustomResourceOptions,
  requestType: 'Create' | 'Update' | 'Delete',
  resource: ResourceRequest | DeployedResource,
  timeoutSeconds: number,
  physicalId: string | undefined,
): Promise<Reply> {
  const { path, reply, close } = replies.open();
  const old = 'previous' in resource ? resource.previous?.properties : undefined;
  const event = {
    RequestType: requestType,
    ResponseURL: `${url}${path}`,
    StackId: stackId,
    RequestId: randomUUID(),
    LogicalResourceId: resource.logicalId,
    ResourceType: resource.type,
    ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    ResourceProperties: asStrings(resource.properties),
    ...(old && { OldResourceProperties: asStrings(old) }),
  };
  try {
    const answer = await within(timeoutSeconds, Promise.race([reply, failureOf(lambda, resource, event)]));
    if (answer.Status === 'FAILED') throw new Error(answer.Reason ?? 'its function answered FAILED without a reason.');
    return answer;
  } finally {
    close();
  }
}

/** Never resolves; rejects when the function itself fails, since then no answer will come. */
async function failureOf(
  lambda: LambdaServer,
  { properties }: ResourceRequest | DeployedResource,
  event: unknown,
): Promise<never> {
  const name = functionNameOf(String(properties.ServiceToken));
  const result = await lambda.invoke({ kind: 'operator', accessKeyId: 'cloudformation' }, name, JSON.stringify(event));
  if (!result.ok) throw new Error(`its function ${name} failed: ${result.type}: ${result.message}`);
  // The answer may come from elsewhere after the function has returned, so only the time limit ends the wait.
  return new Promise<never>(() => undefined);
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const message = `its function sent no answer to the ResponseURL within ${seconds} seconds.`;
  const timer = setTimeout(() => reject(new Error(message)), seconds * 1000);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** CloudFormation hands numbers and booleans over as strings. */
function asStrings(value: Value): Value {
  if (isList(value)) return value.map(asStrings);
  if (value === null) return value;
  if (typeof value !== 'object') return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asStrings(item)]));
}

const isEqual = (a: Value, b: Value): boolean => canonical(a) === canonical(b);

/** JSON with sorted keys, so that a template in another order is no change. */
function canonical(value: Value): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
