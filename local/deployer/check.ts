import type { Template, TemplateResource, Value } from '../assembly.ts';
import { isIntrinsic, isList, knownIntrinsics, onlyEntry, TemplateError } from './intrinsics.ts';
import { intrinsicsOf, referencesOf } from './order.ts';
import type { ResourceProvider } from './resource.ts';

/** Finds the provider of a type: the exact one, or one whose type ends in `*`. */
export function providerOf(providers: readonly ResourceProvider[], type: string): ResourceProvider | undefined {
  const exact = providers.find(provider => provider.type === type);
  return exact ?? providers.find(({ type: known }) => known.endsWith('*') && type.startsWith(known.slice(0, -1)));
}

/**
 * Checks, before anything is created, that everything in the template is known here.
 * @param resources those whose condition holds, with their branches chosen
 * @param names parameters and pseudo parameters
 * @throws TemplateError with all findings at once
 */
export function checkTemplate(
  { resources, outputs }: Pick<Template, 'resources' | 'outputs'>,
  providers: readonly ResourceProvider[],
  names: Readonly<Record<string, Value>>,
): void {
  const known = new Set([...Object.keys(names), ...Object.keys(resources)]);
  const findings = [
    ...Object.entries(resources).flatMap(([logicalId, resource]) =>
      findingsIn(resource, providerOf(providers, resource.type), known).map(
        text => `${logicalId} (${resource.type}): ${text}`,
      ),
    ),
    ...Object.entries(outputs).flatMap(([name, { value }]) =>
      valueFindings(value, known).map(text => `output ${name}: ${text}`),
    ),
  ];
  if (findings.length === 0) return;
  throw new TemplateError(
    `The local cloud cannot run this template:\n${findings.map(finding => `  - ${finding}`).join('\n')}\n` +
      'Leave these out, or add them to local/deployer/providers.',
  );
}

function findingsIn(
  resource: TemplateResource,
  provider: ResourceProvider | undefined,
  known: ReadonlySet<string>,
): string[] {
  if (!provider) return ['resource type is not supported'];
  const paths = [...provider.handled, ...provider.recorded];
  return [
    ...resource.unknownAttributes.map(name => `attribute ${name} is not supported`),
    ...unknownProperties(resource.properties, paths, '').map(path => `property ${path} is not supported`),
    ...valueFindings(resource.properties, known),
  ];
}

function valueFindings(value: Value, known: ReadonlySet<string>): string[] {
  const functions = intrinsicsOf(value).filter(name => !knownIntrinsics.includes(name));
  const references = referencesOf(value).filter(name => !known.has(name));
  return [
    ...new Set([
      ...functions.map(name => `function ${name} is not supported`),
      ...references.map(name => `refers to ${name}, which does not exist`),
    ]),
  ];
}

/** Paths below `prefix` that none of `paths` covers. */
function unknownProperties(value: Value, paths: readonly string[], prefix: string): string[] {
  if (paths.includes('*')) return [];
  if (isList(value)) return [...new Set(value.flatMap(item => unknownProperties(item, paths, prefix)))];
  if (value === null || typeof value !== 'object') return [];
  const [key] = onlyEntry(value) ?? [''];
  if (isIntrinsic(key)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    if (paths.includes(path)) return [];
    return paths.some(longer => longer.startsWith(`${path}.`)) ? unknownProperties(item, paths, path) : [path];
  });
}

/** What the template asks for that is accepted but not emulated, as `AWS::S3::Bucket LifecycleConfiguration`, each once. */
export function recordedProperties(resources: Template['resources'], providers: readonly ResourceProvider[]): string[] {
  const found = Object.values(resources).flatMap(({ type, properties }) => {
    const recorded = providerOf(providers, type)?.recorded ?? [];
    return recorded.filter(path => hasPath(properties, path.split('.'))).map(path => `${type} ${path}`);
  });
  return [...new Set(found)].sort();
}

function hasPath(value: Value | undefined, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (value === undefined) return false;
  if (name === undefined) return true;
  if (isList(value)) return value.some(item => hasPath(item, path));
  return value !== null && typeof value === 'object' && hasPath(value[name], rest);
}
