import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ACCOUNT_ID } from './contracts.ts';

/** A CloudFormation value: JSON in which objects with one key `Ref` or `Fn::…` stand for what only a deploy knows. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export interface TemplateResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, Value>>;
  readonly dependsOn: readonly string[];
  /** Name of the condition under which the resource exists. */
  readonly condition?: string;
  readonly deletionPolicy: DeletionPolicy;
  /** What becomes of the old resource when a change needs a new one in its place. */
  readonly updateReplacePolicy: DeletionPolicy;
  /** Attributes of the resource (not properties) that nothing here reads, e.g. `CreationPolicy`. */
  readonly unknownAttributes: readonly string[];
}
export type DeletionPolicy = 'Delete' | 'Retain';

export interface Template {
  readonly parameters: Readonly<Record<string, { readonly type: string; readonly default?: Value }>>;
  readonly mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Value>>>>>>;
  readonly conditions: Readonly<Record<string, Value>>;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<Record<string, { readonly value: Value; readonly condition?: string }>>;
}

export interface Assembly {
  readonly stackName: string;
  /** The region that the stack was synthesized for; undefined when the template leaves it open. */
  readonly region: string | undefined;
  readonly template: Template;
  /** Folder of an asset by its object key (`<hash>.zip`), or undefined for a key that the assembly does not list. */
  assetDirectory(objectKey: string): string | undefined;
}

/** An assembly that cannot be read; the message names the file and what to do. */
export class AssemblyError extends Error {
  override readonly name = 'AssemblyError';
}

/** Whatever JSON.parse returns is a Value, so there is nothing to check. */
const value = z.custom<Value>(item => item !== undefined);
const policy = z.enum(['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot']).default('Delete');

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), value).default({}),
  DependsOn: z.union([z.string(), z.array(z.string())]).default([]),
  Condition: z.string().optional(),
  DeletionPolicy: policy,
  UpdateReplacePolicy: policy,
});
const readAttributes = new Set([...Object.keys(resourceSchema.shape), 'Metadata']);

const templateSchema = z.strictObject({
  AWSTemplateFormatVersion: z.unknown().optional(),
  Description: z.unknown().optional(),
  Metadata: z.unknown().optional(),
  // Rules judge parameter values before a deploy; the only ones that CDK writes are about its bootstrap stack.
  Rules: z.unknown().optional(),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: value.optional() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), value))).default({}),
  Conditions: z.record(z.string(), value).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.looseObject({ Value: value, Condition: z.string().optional() })).default({}),
});

const manifestSchema = z.looseObject({
  artifacts: z
    .record(
      z.string(),
      z.looseObject({ type: z.string(), environment: z.string().optional(), properties: z.looseObject({}).optional() }),
    )
    .default({}),
});
const stackProperties = z.looseObject({ templateFile: z.string(), stackName: z.string().optional() });
const assetManifestProperties = z.looseObject({ file: z.string() });
const assetsSchema = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional(), packaging: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

/**
 * Reads the one stack of a CDK cloud assembly.
 * @param directory `cdk.out`
 * @throws AssemblyError when a file is missing or malformed, or when the assembly holds another number of stacks than one
 */
export function readAssembly(directory: string): Assembly {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new AssemblyError(
      `${directory} is not a CDK cloud assembly: it has no manifest.json. Run \`cdk synth\` first.`,
    );
  }
  const artifacts = Object.entries(read(directory, 'manifest.json', manifestSchema).artifacts);
  const stacks = artifacts.filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  if (!stack || stacks.length > 1) {
    const names = stacks.map(([id]) => id).join(', ') || 'none';
    throw new AssemblyError(`${directory} must hold exactly one stack; it holds: ${names}.`);
  }
  const [id, artifact] = stack;
  const properties = check(directory, 'manifest.json', stackProperties, artifact.properties);
  const assets = artifacts
    .filter(([, { type }]) => type === 'cdk:asset-manifest')
    .map(([, asset]) => check(directory, 'manifest.json', assetManifestProperties, asset.properties).file);
  const folders = new Map(assets.flatMap(file => assetFolders(directory, file)));
  return {
    stackName: properties.stackName ?? id,
    region: regionOf(directory, artifact.environment),
    template: parseTemplate(directory, properties.templateFile),
    assetDirectory: objectKey => folders.get(objectKey),
  };
}

/**
 * @param environment `aws://<account>/<region>`, either of them possibly unknown
 * @throws AssemblyError for a stack of one certain account: its ARNs would not be those of the local cloud
 */
function regionOf(directory: string, environment = ''): string | undefined {
  const [, account, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(environment) ?? [];
  if (account !== undefined && account !== 'unknown-account' && account !== ACCOUNT_ID) {
    const remedy = `Leave the account out of the stack's \`env\`, or synthesize without AWS credentials.`;
    throw new AssemblyError(`${directory} was synthesized for the AWS account ${account}. ${remedy}`);
  }
  return region === 'unknown-region' ? undefined : region;
}

function assetFolders(directory: string, file: string): [objectKey: string, folder: string][] {
  return Object.values(read(directory, file, assetsSchema).files).flatMap(({ source, destinations }) => {
    if (source.packaging !== 'zip' || source.path === undefined) return [];
    const folder = join(directory, source.path);
    return Object.values(destinations).map(({ objectKey }): [string, string] => [objectKey, folder]);
  });
}

function parseTemplate(directory: string, file: string): Template {
  const template = read(directory, file, templateSchema);
  return {
    parameters: mapValues(template.Parameters, ({ Type, Default }) => ({ type: Type, default: Default })),
    mappings: template.Mappings,
    conditions: template.Conditions,
    resources: mapValues(template.Resources, resource => ({
      type: resource.Type,
      properties: resource.Properties,
      dependsOn: [resource.DependsOn].flat(),
      condition: resource.Condition,
      deletionPolicy: deletionPolicy(resource.DeletionPolicy),
      updateReplacePolicy: deletionPolicy(resource.UpdateReplacePolicy),
      unknownAttributes: Object.keys(resource).filter(name => !readAttributes.has(name)),
    })),
    outputs: mapValues(template.Outputs, ({ Value, Condition }) => ({ value: Value, condition: Condition })),
  };
}

/** Locally nothing can be restored from a snapshot, so whatever is not to be lost is kept. */
const deletionPolicy = (policy: string): DeletionPolicy => (policy === 'Delete' ? 'Delete' : 'Retain');

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, item]) => [key, map(item)]));
}

function read<T>(directory: string, file: string, schema: z.ZodType<T>): T {
  return check(directory, file, schema, parseJson(directory, file));
}

function parseJson(directory: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(join(directory, file), 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssemblyError(`${join(directory, file)} cannot be read: ${reason}`, { cause });
  }
}

function check<T>(directory: string, file: string, schema: z.ZodType<T>, data: unknown): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const faults = result.error.issues.map(issue => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new AssemblyError(`${join(directory, file)} is not what was expected. ${faults.join('; ')}`);
}
