import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { DeletionPolicy, Value } from '../assembly.ts';
import { TemplateError } from './intrinsics.ts';

/** A resource as it was deployed; kept in the state database. */
export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  /** Properties with every intrinsic resolved. */
  readonly properties: Readonly<Record<string, Value>>;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly deletionPolicy: DeletionPolicy;
  /** Place in the order of creation, from 0. */
  readonly ordinal: number;
  /** The cloud's own address at that deploy: a port may move between two starts. */
  readonly cloudUrl: string;
}

/** One resource to create or to bring up to date. */
export interface ResourceRequest {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Value>>;
  /** What the last deploy left, when it was of the same type. */
  readonly previous?: DeployedResource;
  /** A name for a resource that the template does not name: the same for ever for one stack and logical id. */
  physicalName(rules: NameRules): string;
  /** `[a-z0-9]`, the same for ever for one stack and logical id. */
  stableId(length: number): string;
}

interface PutResult {
  /** Identifies the resource; when a change gives another one, the old resource is deleted at the end. */
  readonly physicalId: string;
  /** What `Ref` gives. @default physicalId */
  readonly ref?: string;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes?: Readonly<Record<string, Value>>;
}

/** Creates, updates and deletes the resources of one CloudFormation type. */
export interface ResourceProvider {
  /** `AWS::SQS::Queue`; a trailing `*` stands for every type that starts so. */
  readonly type: string;
  /**
   * Properties that change behaviour here. A path (`Code.S3Key`) stands for exactly that part of a property, lists are
   * passed through (`ApiStages.Stage`); whatever is below a path is accepted. `*` takes everything.
   */
  readonly handled: readonly string[];
  /** Properties that are accepted and kept, but not emulated. */
  readonly recorded: readonly string[];
  /** Called at every deploy, changed or not: must leave what exists and fits as it is. */
  put(resource: ResourceRequest): Promise<PutResult> | PutResult;
  delete?(resource: DeployedResource): Promise<void> | void;
}

interface ProviderDefinition<Properties> {
  readonly type: string;
  readonly properties: z.ZodType<Properties>;
  readonly handled: readonly string[];
  readonly recorded?: readonly string[];
  put(properties: Properties, resource: ResourceRequest): Promise<PutResult> | PutResult;
  /** Gets the properties of the last deploy. */
  delete?(properties: Properties, resource: DeployedResource): Promise<void> | void;
}

/** A provider whose properties are checked against a schema before it sees them. */
export function defineProvider<Properties>(definition: ProviderDefinition<Properties>): ResourceProvider {
  const parse = ({ logicalId, type, properties }: ResourceRequest | DeployedResource) => {
    const result = definition.properties.safeParse(properties);
    if (result.success) return result.data;
    const faults = result.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`);
    throw new TemplateError(`${logicalId} (${type}) has wrong properties. ${faults.join('; ')}`);
  };
  const { type, handled, recorded = [], delete: remove } = definition;
  return {
    type,
    handled,
    recorded,
    put: resource => definition.put(parse(resource), resource),
    ...(remove && { delete: (resource: DeployedResource) => remove(parse(resource), resource) }),
  };
}

/** CloudFormation takes numbers and booleans as strings too. */
export const cfn = {
  number: z.union([z.number(), z.string().regex(/^\d+(\.\d+)?$/)]).transform(Number),
  boolean: z.union([z.boolean(), z.enum(['true', 'false'])]).transform(value => value === true || value === 'true'),
  strings: z.union([z.string(), z.array(z.string())]).transform(value => [value].flat()),
} as const;

export interface NameRules {
  readonly maxLength: number;
  /** S3 takes lower case only. */
  readonly lowerCase?: boolean;
}

/** `Stack-LogicalId-1a2b3c4d`, shortened before the hash when it is too long. */
export function physicalName(
  stackName: string,
  logicalId: string,
  { maxLength, lowerCase = false }: NameRules,
): string {
  const hash = digest(stackName, logicalId).toString('hex').slice(0, 8);
  const readable = `${stackName}-${logicalId}`.replaceAll(/[^A-Za-z0-9-]/g, '').slice(0, maxLength - hash.length - 1);
  const name = `${readable.replace(/-+$/, '')}-${hash}`;
  return lowerCase ? name.toLowerCase() : name;
}

/** Lower-case letters and digits, as API Gateway's ids are; at most 24. */
export function stableId(stackName: string, logicalId: string, length: number): string {
  return BigInt(`0x${digest(stackName, logicalId).toString('hex')}`)
    .toString(36)
    .padStart(length, '0')
    .slice(-length);
}

/** A UUID that is the same for ever for one stack and logical id. */
export function stableUuid(stackName: string, logicalId: string): string {
  const hex = digest(stackName, logicalId).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

const digest = (stackName: string, logicalId: string) =>
  createHash('sha256').update(`${stackName}/${logicalId}`).digest();
