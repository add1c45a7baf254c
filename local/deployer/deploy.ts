import type { DatabaseSync } from 'node:sqlite';
import type { Assembly, Template, TemplateResource, Value } from '../assembly.ts';
import { ACCOUNT_ID, type Log, PARTITION } from '../contracts.ts';
import { checkTemplate, providerOf, recordedProperties } from './check.ts';
import {
  chooseBranches,
  holdingConditions,
  isList,
  resolve,
  type Scope,
  stackNames,
  TemplateError,
} from './intrinsics.ts';
import { localAddresses } from './local-addresses.ts';
import { creationOrder } from './order.ts';
import {
  type DeployedResource,
  physicalName,
  type ResourceProvider,
  type ResourceRequest,
  stableId,
  stableUuid,
} from './resource.ts';
import { type DeployedResources, deployedResources } from './state.ts';

/** A resource is about to be created or brought up to date; `done` of `total` are. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly logicalId: string;
  readonly type: string;
}

export interface DeployOptions {
  readonly assembly: Assembly;
  readonly providers: readonly ResourceProvider[];
  readonly database: DatabaseSync;
  readonly region: string;
  /** The cloud's own address, e.g. `http://127.0.0.1:4566`. */
  readonly url: string;
  readonly log: Log;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Deployment {
  readonly stackId: string;
  /** By output name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What was accepted but is not emulated, as `AWS::S3::Bucket LifecycleConfiguration`. */
  readonly recorded: readonly string[];
}

/** A resource could not be created or brought up to date; the message names it and says why. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}

/** ARN of a stack; the same at every start. */
export const stackArn = (stackName: string, region: string): string =>
  `arn:${PARTITION}:cloudformation:${region}:${ACCOUNT_ID}:stack/${stackName}/${stableUuid(stackName, 'stack')}`;

/** What `Ref` and `Fn::GetAtt` give for a resource that exists. */
interface Reference {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

/**
 * Brings the cloud to what the template says: creates, updates, and deletes what left it.
 * @throws TemplateError before anything is touched when the template asks for what the local cloud does not have, and
 * DeployError naming the resource when one cannot be created; what was done until then stays, and the next deploy goes on
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const { assembly, providers, database, region, url } = options;
  const stackId = stackArn(assembly.stackName, region);
  const names = stackNames(assembly.template, { name: assembly.stackName, id: stackId, region });
  const holding = holdingConditions(assembly.template, names);
  const template = existing(assembly.template, holding);
  checkTemplate(template, providers, names);
  const order = creationOrder(template.resources);

  const state = deployedResources(database, assembly.stackName);
  const before = new Map(state.all().map(resource => [resource.logicalId, resource]));
  const references = new Map<string, Reference>();
  const scope: Scope = { names, mappings: template.mappings, holding, ...lookUp(references) };
  const resolved = (value: Value) => localAddresses(resolve(value, scope), url);

  const replaced: DeployedResource[] = [];
  for (const [ordinal, logicalId] of order.entries()) {
    const resource = template.resources[logicalId];
    if (!resource) continue;
    options.onProgress?.({ done: ordinal, total: order.length, logicalId, type: resource.type });
    const previous = before.get(logicalId);
    const properties = asProperties(resolved(resource.properties));
    const step = { assembly, logicalId, type: resource.type, properties, previous };
    const { physicalId, ref = physicalId, attributes = {} } = await put(providers, requestFor(step));
    references.set(logicalId, { ref, attributes });
    if (previous && (previous.type !== resource.type || previous.physicalId !== physicalId)) {
      replaced.push({ ...previous, deletionPolicy: resource.updateReplacePolicy });
    }
    const { type, deletionPolicy } = resource;
    state.save({ logicalId, type, physicalId, properties, attributes, deletionPolicy, ordinal, cloudUrl: url });
  }

  const gone = [...before.values()].filter(({ logicalId }) => !(logicalId in template.resources));
  await removeAll(gone, replaced, state, options);
  const outputs = Object.entries(template.outputs).map(([name, { value }]) => [name, String(resolved(value))]);
  return { stackId, outputs: Object.fromEntries(outputs), recorded: recordedProperties(template.resources, providers) };
}

interface Step extends Pick<ResourceRequest, 'logicalId' | 'type' | 'properties'> {
  readonly assembly: Assembly;
  readonly previous: DeployedResource | undefined;
}

function requestFor({ assembly, logicalId, type, properties, previous }: Step): ResourceRequest {
  return {
    logicalId,
    type,
    properties,
    ...(previous?.type === type && { previous }),
    physicalName: rules => physicalName(assembly.stackName, logicalId, rules),
    stableId: length => stableId(assembly.stackName, logicalId, length),
  };
}

/** The template without what its conditions leave out. */
function existing(template: Template, holding: ReadonlySet<string>): Template {
  const applies = ({ condition }: { condition?: string }) => condition === undefined || holding.has(condition);
  const resources = Object.entries(template.resources)
    .filter(([, resource]) => applies(resource))
    .map(([logicalId, resource]): [string, TemplateResource] => {
      return [logicalId, { ...resource, properties: asProperties(chooseBranches(resource.properties, holding)) }];
    });
  const outputs = Object.entries(template.outputs)
    .filter(([, output]) => applies(output))
    .map(([name, { value }]) => [name, { value: chooseBranches(value, holding) }]);
  return { ...template, resources: Object.fromEntries(resources), outputs: Object.fromEntries(outputs) };
}

/** `Ref` and `Fn::GetAtt` of the resources created so far. */
function lookUp(references: ReadonlyMap<string, Reference>): Pick<Scope, 'ref' | 'attribute'> {
  const find = (logicalId: string) => {
    const found = references.get(logicalId);
    if (!found) throw new TemplateError(`The template refers to ${logicalId}, which does not exist.`);
    return found;
  };
  return {
    ref: logicalId => find(logicalId).ref,
    attribute: (logicalId, name) => {
      const { attributes } = find(logicalId);
      const value = attributes[name];
      if (value !== undefined) return value;
      const known = Object.keys(attributes).join(', ') || 'none';
      throw new TemplateError(`Fn::GetAtt of ${logicalId}: there is no attribute ${name}. Known here: ${known}.`);
    },
  };
}

async function put(providers: readonly ResourceProvider[], request: ResourceRequest) {
  const provider = providerOf(providers, request.type);
  if (!provider) throw new TemplateError(`${request.logicalId}: ${request.type} is not supported.`);
  try {
    return await provider.put(request);
  } catch (cause) {
    if (cause instanceof TemplateError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeployError(`${request.logicalId} (${request.type}) could not be deployed: ${reason}`, { cause });
  }
}

/**
 * Deletes what left the template, and what a change replaced, last created first. As in CloudFormation's clean-up, what
 * cannot be deleted is reported and does not stop the deploy.
 */
async function removeAll(
  gone: readonly DeployedResource[],
  replaced: readonly DeployedResource[],
  state: DeployedResources,
  options: DeployOptions,
): Promise<void> {
  await revive(gone, options);
  const identity = ({ type, physicalId }: DeployedResource) => `${type} ${physicalId}`;
  const held = new Set(
    state
      .all()
      .filter(({ logicalId }) => !gone.some(it => it.logicalId === logicalId))
      .map(identity),
  );
  for (const resource of [...gone, ...replaced].sort((a, b) => b.ordinal - a.ordinal)) {
    const provider = providerOf(options.providers, resource.type);
    // Under another logical id it is still in the template. A custom resource's function must see to that itself.
    const isHeld = held.has(identity(resource)) && !isCustom(resource);
    if (resource.deletionPolicy === 'Delete' && !isHeld) {
      await attempt(resource, options.log, () => provider?.delete?.(resource));
    }
    if (gone.includes(resource)) state.forget(resource.logicalId);
  }
}

/**
 * A custom resource that left the template is told so by its function, which may have left with it, and functions and
 * roles live in memory only: they are brought back for that call, and deleted after it.
 */
async function revive(gone: readonly DeployedResource[], options: DeployOptions): Promise<void> {
  if (!gone.some(isCustom)) return;
  const { assembly, log, providers } = options;
  for (const previous of gone.filter(resource => !isCustom(resource))) {
    const { logicalId, type, properties } = previous;
    const request = requestFor({ assembly, logicalId, type, properties, previous });
    await attempt(previous, log, async () => void (await providerOf(providers, type)?.put(request)));
  }
}

const isCustom = ({ type }: DeployedResource) =>
  type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';

async function attempt(resource: DeployedResource, log: Log, action: () => Promise<void> | void): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.line(
      'deployer',
      `${resource.logicalId} (${resource.physicalId}) left the template but could not be deleted: ${reason}`,
    );
  }
}

/** Properties are an object in the template, and stay one. */
function asProperties(value: Value): Readonly<Record<string, Value>> {
  if (value === null || typeof value !== 'object' || isList(value)) return {};
  return value;
}
