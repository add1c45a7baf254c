import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { parseSchedule } from '../../local/events/schedule.ts';
import { settableClock } from '../support/settable-clock.ts';
import { type Resources, stack, writeAssembly } from './cloud-fixture.ts';
import { notingLog } from './deployer-fixture.ts';

const at = (text: string) => Date.parse(text);
const next = (expression: string, after: string, start = after) => {
  const time = parseSchedule(expression, at(start))(at(after));
  return time === undefined ? undefined : new Date(time).toISOString().replace(':00.000Z', 'Z');
};

describe('a schedule', () => {
  it.each([
    ['cron(0 2 * * ? *)', '2026-01-01T00:00:00Z', '2026-01-01T02:00Z'],
    ['cron(0 2 * * ? *)', '2026-01-01T02:00:00Z', '2026-01-02T02:00Z'],
    ['cron(0 2 * * ? *)', '2026-01-01T01:59:59.999Z', '2026-01-01T02:00Z'],
    ['cron(*/15 9-17 ? * MON-FRI *)', '2026-01-02T17:50:00Z', '2026-01-05T09:00Z'],
    ['cron(5/20 * * * ? *)', '2026-01-01T00:26:00Z', '2026-01-01T00:45Z'],
    ['cron(0 12 ? * 1 *)', '2026-01-01T00:00:00Z', '2026-01-04T12:00Z'],
    ['cron(30 8 1,15 JAN,jul ? 2027)', '2026-01-01T00:00:00Z', '2027-01-01T08:30Z'],
    ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00Z'],
    ['cron(0 0 31 2 ? *)', '2026-01-01T00:00:00Z', undefined],
    ['cron(0 0 1 1 ? 2020)', '2026-01-01T00:00:00Z', undefined],
  ])('%s runs after %s at %s', (expression, after, time) => {
    expect(next(expression, after)).toBe(time);
  });

  it('at a rate counts from when its rule was made', () => {
    expect(next('rate(5 minutes)', '2026-01-01T00:12:00Z', '2026-01-01T00:01:00Z')).toBe('2026-01-01T00:16Z');
    expect(next('rate(1 hour)', '2026-01-01T00:01:00Z')).toBe('2026-01-01T01:01Z');
    expect(next('rate(1 day)', '2026-01-03T00:01:00Z', '2026-01-01T00:01:00Z')).toBe('2026-01-04T00:01Z');
  });

  it.each([
    'every day',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'cron(0 2 * * ?)',
    'cron(0 2 * * * *)',
    'cron(0 2 ? * ? *)',
    'cron(60 2 * * ? *)',
    'cron(0 2 L * ? *)',
    'cron(0 2 ? * 2#1 *)',
    'cron(0 2 0 * ? *)',
  ])('is not read from %s', expression => {
    expect(() => parseSchedule(expression, 0)).toThrow(expression);
  });
});

const get = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
const rule = (target: Record<string, unknown>, schedule = 'cron(0 2 * * ? *)'): Resources => ({
  Nightly: {
    Type: 'AWS::Events::Rule',
    Properties: { ScheduleExpression: schedule, State: 'ENABLED', Targets: [{ Id: 'Target0', ...target } as never] },
  },
});
const permission: Resources = {
  MayRun: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      ...{ Action: 'lambda:InvokeFunction', FunctionName: get('Worker'), Principal: 'events.amazonaws.com' },
      SourceArn: get('Nightly'),
    },
  },
};
const openQueue: Resources = {
  DeadLettersPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'DeadLetters' }],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            ...{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: get('DeadLetters') },
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': get('Nightly') } },
          },
        ],
      },
    },
  },
};

describe('a rule', () => {
  const folder = mkdtempSync(join(tmpdir(), 'events-test-'));
  const log = notingLog();
  let cloud: Cloud | undefined;
  afterEach(async () => {
    await cloud?.close();
    cloud = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  async function start(resources: Resources) {
    const clock = settableClock('2026-01-01T01:00:00Z');
    const assembly = writeAssembly(folder, { ...stack(), ...resources });
    cloud = await startCloud({ assembly, port: 0, secrets: { 'outside/key': 'hush' }, log, clock });
    const { url: endpoint, region, outputs } = cloud;
    const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId: 'me', secretAccessKey: 'me' } });
    const dynamo = new DynamoDBClient({ endpoint, region, credentials: { accessKeyId: 'me', secretAccessKey: 'me' } });
    const received = async (WaitTimeSeconds = 5) => {
      const command = new ReceiveMessageCommand({ QueueUrl: outputs.DeadLettersUrl, WaitTimeSeconds });
      return (await sqs.send(command)).Messages?.map(({ Body }) => Body) ?? [];
    };
    return { clock, received, dynamo, table: outputs.TableName };
  }

  it('sends its event to a queue that allows it, each time that it is due', async () => {
    const { clock, received } = await start({ ...rule({ Arn: get('DeadLetters') }), ...openQueue });
    clock.set('2026-01-01T01:59:59Z');
    expect(await received(0)).toEqual([]);
    clock.set('2026-01-01T02:00:30Z');
    const [body = ''] = await received();
    expect(JSON.parse(body)).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-01-01T02:00:00Z',
      resources: [expect.stringMatching(/:rule\/App-Nightly-/)],
    });
    clock.set('2026-01-04T12:00:00Z'); // those of the days between are left out
    expect(await received()).toHaveLength(1);
  });

  it('sends its input instead, and to its dead-letter queue what the target does not take', async () => {
    const target = { Arn: get('Queue'), Input: '{"go":1}', DeadLetterConfig: { Arn: get('DeadLetters') } };
    const { clock, received } = await start({ ...rule(target), ...openQueue });
    clock.set('2026-01-01T02:00:00Z');
    expect(await received()).toEqual(['{"go":1}']);
    expect(log.lines.some(line => /events.*Nightly.*sqs:SendMessage/.test(line))).toBe(true);
  });

  it('runs a function that permits it, and no other', async () => {
    const record = { eventName: 'Nightly', s3: { object: { key: 'by-rule' } } };
    const Input = JSON.stringify({ Records: [{ messageId: 'm', body: JSON.stringify({ Records: [record] }) }] });
    const { clock, dynamo, table } = await start({ ...rule({ Arn: get('Worker'), Input }), ...permission });
    clock.set('2026-01-01T02:00:00Z');
    const written = async () =>
      (await dynamo.send(new GetItemCommand({ TableName: table, Key: { id: { S: 'by-rule' } } }))).Item;
    await expect.poll(written, { timeout: 30_000, interval: 50 }).toMatchObject({ event: { S: 'Nightly' } });
  });

  it('is told when a function does not permit it', async () => {
    const { clock } = await start(rule({ Arn: get('Worker') }));
    clock.set('2026-01-01T02:00:00Z');
    expect(log.lines.some(line => /may not lambda:InvokeFunction/.test(line))).toBe(true);
  });

  it('stops the deploy when it waits for other events, or its schedule cannot be read', async () => {
    const pattern: Resources = { Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['x'] } } } };
    await expect(start(pattern)).rejects.toThrow('EventPattern');
    await expect(start(rule({ Arn: get('Queue') }, 'cron(0 0 L * ? *)'))).rejects.toThrow('cannot read the field L');
  });
});
