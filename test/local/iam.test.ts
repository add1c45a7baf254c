import { describe, expect, it } from 'vitest';
import type { Caller, ConditionContext, PolicyDocument, PolicyStatement } from '../../local/contracts.ts';
import { createIam } from '../../local/iam/iam.ts';
import { managedPolicy } from '../../local/iam/managed-policies.ts';

const roleArn = 'arn:aws:iam::000000000000:role/chat';
const chat: Caller = { kind: 'role', accessKeyId: 'ASIA', roleArn, functionName: 'chat-function' };
const operator: Caller = { kind: 'operator', accessKeyId: 'test' };
const anonymous: Caller = { kind: 'anonymous' };
const bucket = 'arn:aws:s3:::documents';
const queue = 'arn:aws:sqs:eu-central-1:000000000000:intake';
const s3: Caller = { kind: 'service', principal: 's3.amazonaws.com', sourceArn: bucket };
const trust = document({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
});

function document(...Statement: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}
const allow = (Action: string | string[], Resource: string | string[], Condition?: PolicyStatement['Condition']) =>
  document({ Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) });

function iamWithRole(...policies: PolicyDocument[]) {
  const iam = createIam();
  iam.putRole({ arn: roleArn, name: 'chat', trust, policies });
  return iam;
}

/** Whether a role with one policy, or a resource with one, lets the call through. */
function mayRole(policy: PolicyDocument, action: string, resource: string, context?: ConditionContext): boolean {
  return outcome(() => iamWithRole(policy).authorize(chat, action, resource, context));
}
function mayByResource(policy: PolicyDocument, caller: Caller, action: string, resource: string, owner = resource) {
  const iam = iamWithRole();
  iam.putResourcePolicy(owner, policy);
  return outcome(() => iam.authorize(caller, action, resource));
}
function outcome(call: () => void): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDenied') return false;
    throw error;
  }
}

describe('a role', () => {
  it('is denied what no statement allows, with a message that says what to do', () => {
    const iam = iamWithRole(allow('s3:PutObject', `${bucket}/*`));
    expect(() => iam.authorize(chat, 's3:GetObject', `${bucket}/a.txt`)).toThrow(
      "chat-function may not s3:GetObject on arn:aws:s3:::documents/a.txt: no statement of its role allows it. Grant it in the function's construct.",
    );
  });

  it('is told when a statement fails only by its conditions', () => {
    const iam = iamWithRole(allow('s3:ListBucket', bucket, { StringLike: { 's3:prefix': 'a/*' } }));
    expect(() => iam.authorize(chat, 's3:ListBucket', bucket, { 's3:prefix': 'b/' })).toThrow(
      'statement #1 names it, but its conditions do not hold',
    );
  });

  it.each([
    ['s3:GetObject', `${bucket}/a.txt`, true],
    ['S3:getobject', `${bucket}/a/b.txt`, true],
    ['s3:GetObjectVersion', `${bucket}/a.txt`, false],
    ['s3:GetObject', bucket, false],
    ['s3:GetObject', 'arn:aws:s3:::documents-2/a.txt', false],
    ['s3:GetObject', `${bucket.toUpperCase()}/a.txt`, false],
    ['dynamodb:DeleteItem', 'arn:aws:dynamodb:r:0:table/Jobs', true],
    ['dynamodb:GetItem', 'arn:aws:dynamodb:r:0:table/Jobs', false],
    ['dynamodb:PutItem', 'arn:aws:dynamodb:r:0:table/Job', false],
    ['dynamodb:PutItem', 'arn:aws:dynamodb:r:0:table/Job.', false],
  ])('may %s on %s: %s', (action, resource, expected) => {
    const policy = document(
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/*` },
      { Effect: 'Allow', Action: ['dynamodb:*Item'], Resource: 'arn:aws:dynamodb:*:*:table/Job?' },
      { Effect: 'Deny', Action: ['dynamodb:GetItem'], Resource: '*' },
      { Effect: 'Deny', NotAction: 'dynamodb:*', Resource: 'arn:aws:dynamodb:*' },
      { Effect: 'Deny', Action: '*', Resource: '*.' },
    );
    expect(mayRole(policy, action, resource)).toBe(expected);
  });

  it('is allowed everything but what NotAction and NotResource name', () => {
    const policy = document({ Effect: 'Allow', NotAction: 's3:Delete*', NotResource: `${bucket}/secret/*` });
    expect(mayRole(policy, 's3:GetObject', `${bucket}/a`)).toBe(true);
    expect(mayRole(policy, 's3:DeleteObject', `${bucket}/a`)).toBe(false);
    expect(mayRole(policy, 's3:GetObject', `${bucket}/secret/a`)).toBe(false);
  });

  it('is stopped by an explicit deny, whatever allows it', () => {
    const deny = document({ Sid: 'NoDelete', Effect: 'Deny', Action: 's3:Delete*', Resource: '*' });
    const iam = iamWithRole(allow('*', '*'), deny);
    expect(() => iam.authorize(chat, 's3:DeleteObject', `${bucket}/a`)).toThrow(
      'chat-function may not s3:DeleteObject on arn:aws:s3:::documents/a: statement NoDelete of its role chat denies it.',
    );
  });

  it('may nothing once it is removed, and its keys are forgotten', () => {
    const iam = iamWithRole(allow('*', '*'));
    const { accessKeyId } = iam.issueCredentials(roleArn, 'chat-function');
    iam.removeRole(roleArn);
    expect(iam.credentialsOf(accessKeyId)).toBeUndefined();
    expect(() => iam.authorize(chat, 's3:GetObject', `${bucket}/a`)).toThrow('may not');
  });

  it('gets other credentials each time, known as its own', () => {
    const iam = iamWithRole();
    const [first, second] = [iam.issueCredentials(roleArn, 'a'), iam.issueCredentials(roleArn, 'b')];
    expect(first.accessKeyId).not.toBe(second.accessKeyId);
    expect(iam.credentialsOf(first.accessKeyId)).toEqual({ ...first, roleArn, functionName: 'a' });
    expect(iam.credentialsOf('test')).toBeUndefined();
  });

  it('gives credentials only to a function that it trusts Lambda for', () => {
    const iam = createIam();
    const Principal = { Service: 'apigateway.amazonaws.com' };
    const other = document({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });
    iam.putRole({ arn: roleArn, name: 'chat', trust: other, policies: [] });
    expect(() => iam.issueCredentials(roleArn, 'f')).toThrow('cannot be assumed by Lambda');
    expect(() => iam.issueCredentials(`${roleArn}2`, 'f')).toThrow('There is no role');
  });
});

describe('a policy variable', () => {
  it('stands for its value, taken literally', () => {
    const policy = allow('s3:GetObject', `${bucket}/\${aws:PrincipalAccount}/\${s3:prefix}`);
    expect(mayRole(policy, 's3:GetObject', `${bucket}/000000000000/a*`, { 's3:prefix': 'a*' })).toBe(true);
    expect(mayRole(policy, 's3:GetObject', `${bucket}/000000000000/abc`, { 's3:prefix': 'a*' })).toBe(false);
  });

  it('without a value matches nothing, unless it has a default', () => {
    expect(mayRole(allow('s3:GetObject', `${bucket}/\${s3:prefix}*`), 's3:GetObject', `${bucket}/`)).toBe(false);
    const withDefault = allow('s3:GetObject', `${bucket}/\${s3:prefix, 'none'}`);
    expect(mayRole(withDefault, 's3:GetObject', `${bucket}/none`)).toBe(true);
  });

  it('escapes wildcards', () => {
    const policy = allow('s3:GetObject', `${bucket}/\${*}\${?}\${$}`);
    expect(mayRole(policy, 's3:GetObject', `${bucket}/*?$`)).toBe(true);
    expect(mayRole(policy, 's3:GetObject', `${bucket}/ab$`)).toBe(false);
  });
});

describe('conditions', () => {
  const cases: [string, PolicyStatement['Condition'], ConditionContext, boolean][] = [
    ['StringEquals', { StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
    ['StringEquals with wildcard', { StringEquals: { k: 'a*' } }, { k: 'ab' }, false],
    ['keys in another case', { StringEquals: { 'S3:Prefix': 'a' } }, { 's3:prefix': 'a' }, true],
    ['StringEquals without the key', { StringEquals: { k: 'a' } }, {}, false],
    ['StringEqualsIfExists without the key', { StringEqualsIfExists: { k: 'a' } }, {}, true],
    ['StringEqualsIfExists with another value', { StringEqualsIfExists: { k: 'a' } }, { k: 'b' }, false],
    ['StringNotEquals', { StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
    ['StringNotEquals without the key', { StringNotEquals: { k: 'a' } }, {}, true],
    ['StringEqualsIgnoreCase', { StringEqualsIgnoreCase: { k: 'ABC' } }, { k: 'abc' }, true],
    ['StringNotEqualsIgnoreCase', { StringNotEqualsIgnoreCase: { k: 'ABC' } }, { k: 'abc' }, false],
    ['StringLike', { StringLike: { k: 'a?c*' } }, { k: 'abcd\ne' }, true],
    ['StringNotLike', { StringNotLike: { k: 'a*' } }, { k: 'abc' }, false],
    ['all of several', { StringEquals: { k: 'a', l: 'b' } }, { k: 'a', l: 'c' }, false],
    ['ArnLike', { ArnLike: { k: 'arn:aws:s3:::*' } }, { k: bucket }, true],
    ['ArnLike part by part', { ArnLike: { k: 'arn:aws:*:x:y:z' } }, { k: 'arn:aws:a:x:y:x:y:z' }, false],
    [
      'ArnEquals in the rest',
      { ArnEquals: { k: 'arn:aws:lambda:*:*:function:*' } },
      { k: 'arn:aws:lambda:r:0:function:f' },
      true,
    ],
    ['ArnNotEquals', { ArnNotEquals: { k: bucket } }, { k: queue }, true],
    ['Bool', { Bool: { k: false } }, { k: 'false' }, true],
    ['NumericLessThanEquals', { NumericLessThanEquals: { k: 10 } }, { k: '9.5' }, true],
    ['NumericGreaterThan', { NumericGreaterThan: { k: '10' } }, { k: '9' }, false],
    ['NumericEquals of no number', { NumericEquals: { k: '0' } }, { k: '' }, false],
    ['NumericNotEquals', { NumericNotEquals: { k: '1' } }, { k: '1.0' }, false],
    ['DateGreaterThan', { DateGreaterThan: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } }, {}, true],
    ['DateLessThan of seconds', { DateLessThan: { 'aws:EpochTime': '2020-01-01T00:00:00Z' } }, {}, false],
    ['Null true', { Null: { k: true } }, {}, true],
    ['Null true with the key', { Null: { k: 'true' } }, { k: 'a' }, false],
    ['Null false', { Null: { k: 'false' } }, { k: 'a' }, true],
    ['ForAnyValue', { 'ForAnyValue:StringEquals': { k: ['a'] } }, { k: ['b', 'a'] }, true],
    ['ForAnyValue without the key', { 'ForAnyValue:StringEquals': { k: ['a'] } }, {}, false],
    ['ForAnyValue negated', { 'ForAnyValue:StringNotEquals': { k: ['a', 'b'] } }, { k: ['b', 'c'] }, true],
    ['ForAllValues', { 'ForAllValues:StringLike': { k: ['a*', 'b'] } }, { k: ['ab', 'c'] }, false],
    ['ForAllValues without the key', { 'ForAllValues:StringLike': { k: 'a' } }, {}, true],
    ['ForAllValues negated', { 'ForAllValues:StringNotEquals': { k: ['a', 'b'] } }, { k: ['c', 'b'] }, false],
    ['a variable', { StringEquals: { k: `\${aws:PrincipalArn}` } }, { k: roleArn }, true],
    ['the transport', { Bool: { 'aws:SecureTransport': 'true' } }, {}, true],
    ['a key that no server may set', { StringEquals: { 'aws:PrincipalArn': 'x' } }, { 'aws:PrincipalArn': 'x' }, false],
  ];
  it.each(cases)('judge %s', (_name, condition, context, expected) => {
    expect(mayRole(allow('s3:GetObject', '*', condition), 's3:GetObject', bucket, context)).toBe(expected);
  });
});

describe('a resource policy', () => {
  const send = (Principal: PolicyStatement['Principal'], Condition?: PolicyStatement['Condition']) =>
    document({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Resource: queue,
      ...(Principal === undefined ? {} : { Principal }),
      ...(Condition ? { Condition } : {}),
    });

  it('lets a service in from the source that it names, and from no other', () => {
    const policy = send({ Service: 's3.amazonaws.com' }, { ArnLike: { 'aws:SourceArn': bucket } });
    expect(mayByResource(policy, s3, 'sqs:SendMessage', queue)).toBe(true);
    expect(mayByResource(policy, { ...s3, sourceArn: 'arn:aws:s3:::other' }, 'sqs:SendMessage', queue)).toBe(false);
    expect(mayByResource(policy, { ...s3, principal: 'sns.amazonaws.com' }, 'sqs:SendMessage', queue)).toBe(false);
    expect(mayByResource(policy, chat, 'sqs:SendMessage', queue)).toBe(false);
  });

  it('knows the account of a bucket, whose ARN names none', () => {
    const policy = send({ Service: 's3.amazonaws.com' }, { StringEquals: { 'aws:SourceAccount': '000000000000' } });
    expect(mayByResource(policy, s3, 'sqs:SendMessage', queue)).toBe(true);
  });

  it('is needed by a service: absent, the message names both ends', () => {
    expect(() => createIam().authorize(s3, 'sqs:SendMessage', queue)).toThrow(
      "s3.amazonaws.com for arn:aws:s3:::documents may not sqs:SendMessage on arn:aws:sqs:eu-central-1:000000000000:intake: no statement of the resource's policy allows it. Grant it there.",
    );
  });

  it.each([
    ['the role', { AWS: roleArn }, true],
    ['the session', { AWS: ['arn:aws:sts::000000000000:assumed-role/chat/chat-function'] }, true],
    ['another role', { AWS: `${roleArn}2` }, false],
    ['everyone', '*' as const, true],
    ['every AWS principal', { AWS: '*' }, true],
    ['the account, which leaves it to the role', { AWS: 'arn:aws:iam::000000000000:root' }, false],
  ])('that allows %s: %s', (_name, principal, expected) => {
    expect(mayByResource(send(principal), chat, 'sqs:SendMessage', queue)).toBe(expected);
  });

  it('of a bucket rules over its objects', () => {
    const policy = document({
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      Resource: `${bucket}/public/*`,
    });
    expect(mayByResource(policy, anonymous, 's3:GetObject', `${bucket}/public/a`, bucket)).toBe(true);
    expect(mayByResource(policy, anonymous, 's3:GetObject', `${bucket}/a`, bucket)).toBe(false);
  });

  it('of a function rules over its versions', () => {
    const arn = 'arn:aws:lambda:r:000000000000:function:chat';
    const Principal = { Service: 'apigateway.amazonaws.com' };
    const policy = document({ Effect: 'Allow', Principal, Action: 'lambda:InvokeFunction', Resource: `${arn}*` });
    const caller: Caller = { kind: 'service', principal: 'apigateway.amazonaws.com' };
    expect(mayByResource(policy, caller, 'lambda:InvokeFunction', `${arn}:live`, arn)).toBe(true);
  });

  it('that denies stops everyone, the operator and an allowed role too', () => {
    const Condition = { StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' } };
    const deny = document({
      Sid: 'Encrypted',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: '*',
      Condition,
    });
    const iam = iamWithRole(allow('*', '*'));
    iam.putResourcePolicy(bucket, deny);
    for (const caller of [operator, chat, s3, anonymous]) {
      expect(() => iam.authorize(caller, 's3:PutObject', `${bucket}/a`)).toThrow('statement Encrypted');
    }
    iam.putResourcePolicy(bucket, undefined);
    iam.authorize(operator, 's3:PutObject', `${bucket}/a`);
  });

  it('that insists on TLS does not stop calls over the loopback interface', () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    const policy = document({ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Resource: [bucket], Condition });
    expect(mayByResource(policy, operator, 's3:ListBucket', bucket)).toBe(true);
  });

  it('that denies the account stops those in it', () => {
    const policy = document({ Effect: 'Deny', Principal: { AWS: '000000000000' }, Action: '*', Resource: '*' });
    expect(mayByResource(policy, operator, 's3:ListBucket', bucket)).toBe(false);
  });
});

describe('without credentials', () => {
  it('nothing is allowed that is not for everyone', () => {
    const iam = iamWithRole(allow('*', '*'));
    expect(() => iam.authorize(anonymous, 's3:GetObject', `${bucket}/a`)).toThrow(
      'A request without credentials may not',
    );
    iam.authorize(operator, 's3:GetObject', `${bucket}/a`);
  });
});

describe('a policy that the local cloud cannot judge', () => {
  const statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' } as const;
  it.each<[string, PolicyStatement]>([
    ['IpAddress', { ...statement, Condition: { IpAddress: { k: '127.0.0.1' } } }],
    ['StringMatches', { ...statement, Condition: { StringMatches: { k: 'a' } } }],
    [
      'dynamodb:LeadingKeys',
      { ...statement, Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'a' } } },
    ],
    ['Numeric', { ...statement, Condition: { NumericEquals: { k: 'many' } } }],
    ['no ARN', { ...statement, Condition: { ArnLike: { k: 'documents' } } }],
    ['Null takes', { ...statement, Condition: { Null: { k: 'yes' } } }],
    ['principal', { ...statement, Principal: '*' }],
    ['one of Resource and NotResource', { Effect: 'Allow', Action: 's3:GetObject' }],
    ['one of Action and NotAction', { ...statement, NotAction: 's3:PutObject' }],
    ['no action', { ...statement, Action: 'GetObject' }],
    ['no resource ARN', { ...statement, Resource: 'documents/*' }],
  ])('is refused, naming %s', (named, bad) => {
    const put = () => iamWithRole(document(statement, bad));
    expect(put).toThrow(named);
    expect(put).toThrow('The role arn:aws:iam::000000000000:role/chat: Statement #2: ');
  });

  it.each<[string, PolicyStatement['Principal']]>([
    ['CanonicalUser', { CanonicalUser: 'abc' }],
    ['Federated', { Federated: 'cognito-identity.amazonaws.com' }],
    ['arn:aws:iam::*:role/x', { AWS: 'arn:aws:iam::*:role/x' }],
    ['needs a principal', undefined],
  ])('is refused for its principal: %s', (named, Principal) => {
    const put = () =>
      createIam().putResourcePolicy(queue, document({ ...statement, ...(Principal ? { Principal } : {}) }));
    expect(put).toThrow(named);
  });

  it('is refused for an element that it does not have', () => {
    // From a template, a statement may hold anything.
    const bad = { ...statement, NotPrincipal: { AWS: roleArn } } as PolicyStatement;
    expect(() => createIam().putResourcePolicy(queue, document(bad))).toThrow('NotPrincipal');
  });

  it('leaves the role as it was', () => {
    const iam = iamWithRole(allow('s3:GetObject', '*'));
    expect(() =>
      iam.putRole({ arn: roleArn, name: 'chat', trust, policies: [document({ ...statement, Action: '?' })] }),
    ).toThrow();
    iam.authorize(chat, 's3:GetObject', bucket);
  });
});

describe('managed policies', () => {
  it('grant what AWS lists for them', () => {
    const policy = managedPolicy('arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole');
    expect(mayRole(policy, 'logs:PutLogEvents', 'arn:aws:logs:r:0:log-group:x')).toBe(true);
    expect(mayRole(policy, 's3:GetObject', bucket)).toBe(false);
  });

  it('are refused by name when the local cloud does not have them', () => {
    expect(() => managedPolicy('arn:aws:iam::aws:policy/AdministratorAccess')).toThrow('AdministratorAccess');
  });
});
