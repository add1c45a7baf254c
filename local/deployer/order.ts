import type { TemplateResource, Value } from '../assembly.ts';
import { attributePath, isIntrinsic, isList, onlyEntry, subReferences, TemplateError } from './intrinsics.ts';

/** @returns the names that `value` refers to: logical ids, parameters and pseudo parameters */
export function referencesOf(value: Value): string[] {
  if (isList(value)) return value.flatMap(referencesOf);
  if (value === null || typeof value !== 'object') return [];
  const [key, argument] = onlyEntry(value) ?? ['', null];
  if (key === 'Ref') return [String(argument)];
  if (key === 'Fn::GetAtt') return [attributePath(argument)[0]];
  const below = Object.values(value).flatMap(referencesOf);
  return key === 'Fn::Sub' ? [...subReferences(argument).map(name => attributePath(name)[0]), ...below] : below;
}

/** @returns the names of the intrinsic functions in `value` */
export function intrinsicsOf(value: Value): string[] {
  if (isList(value)) return value.flatMap(intrinsicsOf);
  if (value === null || typeof value !== 'object') return [];
  const [key] = onlyEntry(value) ?? [''];
  const below = Object.values(value).flatMap(intrinsicsOf);
  return isIntrinsic(key) ? [key, ...below] : below;
}

/**
 * Logical ids in the order of creation: what a resource depends on stands before it, otherwise the template's order.
 * @throws TemplateError naming the circle when there is one
 */
export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = resources[logicalId];
    if (!resource || ordered.has(logicalId)) return;
    if (path.includes(logicalId)) {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId];
      throw new TemplateError(`Resources depend on each other in a circle: ${circle.join(' → ')}.`);
    }
    for (const needed of [...resource.dependsOn, ...referencesOf(resource.properties)])
      visit(needed, [...path, logicalId]);
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...ordered];
}
