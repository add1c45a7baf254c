import type { Attributes, AttributeValue } from './document.ts';

/** What a sidecar's attribute may be called. */
export const ATTRIBUTE_NAME = /^\p{L}[\p{L}\p{N}_.-]{0,63}$/u;

/** What an attribute must be; all that is given must hold. A list meets a condition when one of its texts does. */
export interface AttributeCondition {
  readonly equals?: string | number | boolean;
  readonly in?: readonly (string | number)[];
  /** A number of at least this. */
  readonly from?: number;
  /** A number of at most this. */
  readonly to?: number;
  /** The beginning of a text, in the same case. */
  readonly prefix?: string;
}

/** By the attribute's name; all conditions must hold. */
export type AttributeFilter = Readonly<Record<string, AttributeCondition>>;

/** A document that lacks an attribute meets no condition on it. */
export const meetsFilter = (attributes: Attributes = {}, filter: AttributeFilter = {}): boolean =>
  Object.entries(filter).every(([name, condition]) =>
    valuesOf(Object.hasOwn(attributes, name) ? attributes[name] : undefined).some(value => meets(value, condition)),
  );

function meets(value: string | number | boolean, { equals, in: anyOf, from, to, prefix }: AttributeCondition): boolean {
  if (equals !== undefined && value !== equals) return false;
  if (anyOf !== undefined && !anyOf.some(one => one === value)) return false;
  if ((from !== undefined || to !== undefined) && !isWithin(value, from, to)) return false;
  return prefix === undefined || (typeof value === 'string' && value.startsWith(prefix));
}

const isWithin = (value: string | number | boolean, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY) =>
  typeof value === 'number' && from <= value && value <= to;

const valuesOf = (value: AttributeValue | undefined): readonly (string | number | boolean)[] =>
  value === undefined ? [] : typeof value === 'object' ? value : [value];
