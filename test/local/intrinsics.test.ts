// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of Fn::Sub look like this
import { describe, expect, it } from 'vitest';
import type { Template, Value } from '../../local/assembly.ts';
import {
  chooseBranches,
  holdingConditions,
  resolve,
  type Scope,
  stackNames,
  TemplateError,
} from '../../local/deployer/intrinsics.ts';

const template: Template = {
  parameters: {
    Size: { type: 'Number', default: 3 },
    Zones: { type: 'CommaDelimitedList', default: 'a, b' },
    BootstrapVersion: { type: 'AWS::SSM::Parameter::Value<String>', default: '/cdk-bootstrap/version' },
  },
  mappings: { Sizes: { 'eu-west-1': { small: 'one', large: { value: 'two' } } } },
  conditions: {
    IsThree: { 'Fn::Equals': [{ Ref: 'Size' }, 3] },
    IsFour: { 'Fn::Equals': [{ Ref: 'Size' }, 4] },
    NotFour: { 'Fn::Not': [{ Condition: 'IsFour' }] },
    Both: { 'Fn::And': [{ Condition: 'IsThree' }, { Condition: 'NotFour' }] },
    None: { 'Fn::Or': [{ Condition: 'IsFour' }, { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }] },
  },
  resources: {},
  outputs: {},
};
const names = stackNames(template, { name: 'App', id: 'arn:stack', region: 'eu-west-1' });
const scope: Scope = {
  names,
  mappings: template.mappings,
  holding: new Set(['IsThree']),
  ref: logicalId => {
    if (logicalId !== 'Table') throw new TemplateError(`no ${logicalId}`);
    return 'App-Table-1';
  },
  attribute: (logicalId, name) => `${logicalId}/${name}`,
};
const resolved = (value: Value) => resolve(value, scope);

describe('resolve', () => {
  it.each<[string, Value, Value]>([
    ['a plain value', { a: [1, 'b', true, null] }, { a: [1, 'b', true, null] }],
    ['Ref to a resource', { Ref: 'Table' }, 'App-Table-1'],
    ['Ref to a parameter', { Ref: 'Size' }, 3],
    ['Ref to a list parameter', { Ref: 'Zones' }, ['a', 'b']],
    ['pseudo parameters', [{ Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }], ['eu-west-1', '000000000000']],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'Table/Arn'],
    ['GetAtt as a string', { 'Fn::GetAtt': 'Table.Stream.Arn' }, 'Table/Stream.Arn'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }, { Ref: 'Table' }]] }, 'a-3-App-Table-1'],
    ['Join of a list that is resolved', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b'],
    ['Sub', { 'Fn::Sub': '${Table}:${Table.Arn}:${AWS::Region}' }, 'App-Table-1:Table/Arn:eu-west-1'],
    ['Sub with a literal', { 'Fn::Sub': '${!Table}/${Size}' }, '${Table}/3'],
    ['Sub with variables', { 'Fn::Sub': ['${x}${Size}', { x: { Ref: 'Table' } }] }, 'App-Table-13'],
    ['Select', { 'Fn::Select': ['1', { 'Fn::Split': [':', 'arn:aws:s3'] }] }, 'aws'],
    ['Split', { 'Fn::Split': ['/', { 'Fn::GetAtt': ['Table', 'Arn'] }] }, ['Table', 'Arn']],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'small'] }, 'one'],
    ['If', { 'Fn::If': ['IsThree', { Ref: 'Table' }, 'else'] }, 'App-Table-1'],
  ])('resolves %s', (_, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  it('leaves objects with one ordinary key alone', () => {
    expect(resolved({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })).toEqual({
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  it.each<[string, Value, RegExp]>([
    ['an unknown function', { 'Fn::ImportValue': 'x' }, /Fn::ImportValue is not supported/],
    ['an unknown reference', { Ref: 'Nobody' }, /no Nobody/],
    ['a missing map entry', { 'Fn::FindInMap': ['Sizes', 'us-east-1', 'small'] }, /Sizes\.us-east-1\.small/],
    ['an index past the end', { 'Fn::Select': [2, ['a']] }, /Fn::Select/],
    ['an object in a Join', { 'Fn::Join': ['', [{ a: 1 }]] }, /string was expected/],
  ])('refuses %s', (_, value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });
});

describe('holdingConditions', () => {
  it('evaluates Equals, And, Or, Not and references to other conditions', () => {
    expect([...holdingConditions(template, names)].sort()).toEqual(['Both', 'IsThree', 'NotFour']);
  });

  it('names the circle when conditions refer to each other', () => {
    const circle = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { Condition: 'A' } };
    expect(() => holdingConditions({ ...template, conditions: circle }, names)).toThrow('A → B → A');
  });

  it('refuses a condition that refers to a resource', () => {
    const conditions = { A: { 'Fn::Equals': [{ Ref: 'Table' }, 'x'] } };
    expect(() => holdingConditions({ ...template, conditions }, names)).toThrow(/Table, which is not a parameter/);
  });
});

describe('chooseBranches', () => {
  const noValue = { Ref: 'AWS::NoValue' };

  it('keeps the branch that applies, nested ones too', () => {
    const value = { 'Fn::If': ['No', 1, { a: { 'Fn::If': ['Yes', { Ref: 'Table' }, 2] } }] };
    expect(chooseBranches(value, new Set(['Yes']))).toEqual({ a: { Ref: 'Table' } });
  });

  it('drops what is AWS::NoValue from objects and lists', () => {
    const value = { keep: 1, drop: noValue, list: [1, { 'Fn::If': ['Yes', noValue, 2] }, 3] };
    expect(chooseBranches(value, new Set(['Yes']))).toEqual({ keep: 1, list: [1, 3] });
  });
});

describe('stackNames', () => {
  it('refuses a parameter without a default, but not the bootstrap version of CDK', () => {
    const parameters = { ...template.parameters, Name: { type: 'String' } };
    expect(names).not.toHaveProperty('BootstrapVersion');
    expect(() => stackNames({ ...template, parameters }, { name: 'A', id: 'i', region: 'r' })).toThrow(
      /Name has no default/,
    );
  });
});
