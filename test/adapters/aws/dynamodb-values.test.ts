import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromItem, toItem } from '../../../lambdas/adapters/aws/dynamodb-values.ts';

const number = fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1e15, max: 1e15 }));
const value = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    number,
    fc.boolean(),
    fc.constant(null),
    fc.constant(undefined),
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }).map(strings => new Set(strings)),
    fc.uniqueArray(fc.maxSafeInteger(), { minLength: 1 }).map(numbers => new Set(numbers)),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter(name => !(name in {})),
      tie('value'),
    ),
  ),
})).value;
const item = fc.dictionary(
  fc.string({ minLength: 1 }).filter(name => !(name in {})),
  value,
);

describe('an item on the wire', () => {
  it('is written as the AWS SDK writes it', () => {
    fc.assert(
      fc.property(item, given => {
        expect(toItem(given)).toEqual(marshall(given, { removeUndefinedValues: true }));
      }),
    );
  });

  it('is read as the AWS SDK reads it', () => {
    fc.assert(
      fc.property(item, given => {
        const wire = marshall(given, { removeUndefinedValues: true });
        expect(fromItem(wire)).toEqual(unmarshall(wire));
      }),
    );
  });

  it('holds bytes', () => {
    expect(fromItem(toItem({ bytes: new Uint8Array([1, 2, 255]) }))).toEqual({ bytes: new Uint8Array([1, 2, 255]) });
  });

  it.each([
    ['a number that would come back as another', 2 ** 60],
    ['no number', Number.NaN],
    ['an empty set', new Set()],
    ['a set of both', new Set([1, 'a'])],
    ['an instance of a class', new Date(0)],
    ['a function', () => undefined],
  ])('refuses %s', (_, given) => {
    expect(() => toItem({ given })).toThrow();
  });
});
