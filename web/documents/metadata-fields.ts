import { ATTRIBUTE_NAME } from '../../lambdas/attribute-filter.ts';
import type { Metadata, NewMetadata } from '../api/documents.ts';

export type FieldType = 'text' | 'number' | 'boolean' | 'list';
type AttributeValue = Metadata['attributes'][string];

/** An attribute as it stands in the form. */
export interface AttributeField {
  /** Of the form's row. */
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  /** As it is typed; a list has a line for each text. */
  readonly value: string;
}

/** Who may read: an empty list of groups is nobody. */
export type Access = 'everyone' | 'groups' | 'nobody';

const typeOf = (value: AttributeValue): FieldType => {
  if (typeof value === 'string') return 'text';
  if (typeof value === 'object') return 'list';
  return typeof value === 'number' ? 'number' : 'boolean';
};

export const fieldsOf = (attributes: Metadata['attributes']): AttributeField[] =>
  Object.entries(attributes).map(([name, value], id) => ({
    ...{ id, name, type: typeOf(value) },
    value: typeof value === 'object' ? value.join('\n') : String(value),
  }));

export const accessOf = ({ allowedGroups }: Pick<Metadata, 'allowedGroups'>): Access => {
  if (!allowedGroups) return 'everyone';
  return allowedGroups.length > 0 ? 'groups' : 'nobody';
};

/** @param text names, separated by commas or on lines of their own */
export const groupsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(/[,\n]/)
      .map(name => name.trim())
      .filter(Boolean),
  ),
];

export type FieldFault = 'name' | 'twice' | 'number' | 'empty';

/** What is wrong with each field, by its id; the API checks more. */
export function faultsOf(fields: readonly AttributeField[]): Map<number, FieldFault> {
  const faults = new Map<number, FieldFault>();
  for (const { id, name, type, value } of fields) {
    if (!ATTRIBUTE_NAME.test(name) || name === 'allowedGroups') faults.set(id, 'name');
    else if (fields.some(other => other.id !== id && other.name === name)) faults.set(id, 'twice');
    else if (type === 'number' && (value.trim() === '' || !Number.isFinite(Number(value)))) faults.set(id, 'number');
    else if (value.trim() === '') faults.set(id, 'empty');
  }
  return faults;
}

/** What is sent; only of fields without faults. */
export function metadataIn(fields: readonly AttributeField[], access: Access, groups: string): NewMetadata {
  const attributes = Object.fromEntries(fields.map(field => [field.name, valueIn(field)]));
  return {
    ...(fields.length > 0 && { attributes }),
    ...(access === 'groups' && { allowedGroups: groupsIn(groups) }),
    ...(access === 'nobody' && { allowedGroups: [] }),
  };
}

function valueIn({ type, value }: AttributeField): string | number | boolean | string[] {
  switch (type) {
    case 'text':
      return value;
    case 'number':
      return Number(value);
    case 'boolean':
      return value === 'true';
    case 'list':
      return value
        .split('\n')
        .map(line => line.trim())
        .filter(Boolean);
  }
}
