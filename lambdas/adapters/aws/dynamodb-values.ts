/** A value as DynamoDB writes it: its type, then itself. */
export type DynamodbValue = Readonly<Record<string, unknown>>;
export type Item = Record<string, unknown>;

/** An item as DynamoDB writes it; fields that are undefined are left out. @throws TypeError for a value it does not know */
export const toItem = (item: object): Record<string, DynamodbValue> =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, toValue(value)]),
  );

export const fromItem = (item: unknown): Item =>
  Object.fromEntries(Object.entries(item as object).map(([name, value]) => [name, fromValue(value)])); // DynamoDB's own form

function toValue(value: unknown): DynamodbValue {
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'number') return { N: numberText(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.filter(element => element !== undefined).map(toValue) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (value instanceof Set) return setValue([...value]);
  if (typeof value === 'object' && isPlain(value)) return { M: toItem(value) };
  throw new TypeError(`DynamoDB has no type for ${Object.prototype.toString.call(value)}`);
}

const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

function setValue(values: readonly unknown[]): DynamodbValue {
  if (values.length > 0 && values.every(value => typeof value === 'string')) return { SS: values };
  if (values.length > 0 && values.every(value => typeof value === 'number')) return { NS: values.map(numberText) };
  throw new TypeError('A set of DynamoDB holds strings, or numbers, and at least one.');
}

/** @throws RangeError for a number that would come back as another */
function numberText(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`DynamoDB cannot keep the number ${value}`);
  }
  return String(value);
}

function fromValue(value: DynamodbValue): unknown {
  for (const type in value) {
    const content = value[type];
    switch (type) {
      case 'S':
      case 'BOOL':
        return content;
      case 'N':
        return Number(content);
      case 'NULL':
        return null;
      case 'M':
        return fromItem(content);
      case 'L':
        return (content as DynamodbValue[]).map(fromValue); // each type's content has one form
      case 'SS':
        return new Set(content as string[]);
      case 'NS':
        return new Set((content as string[]).map(Number));
      case 'B':
        return new Uint8Array(Buffer.from(String(content), 'base64'));
    }
  }
  throw new TypeError(`DynamoDB sent a value of no known type: ${Object.keys(value)}`);
}
