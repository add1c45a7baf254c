import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventSourceSpec, QueueSpec } from '../../local/contracts.ts';
import { type Cloud, isAlive, OPERATOR, startCloud, until } from './lambda-fixture.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

function putQueue(name: string, rest: Partial<QueueSpec> = {}) {
  const times = { visibilityTimeoutSeconds: 30, delaySeconds: 0, retentionSeconds: 3600, receiveWaitSeconds: 0 };
  cloud.sqs.putQueue({ name, ...times, ...rest });
}
/** A queue `work` that feeds the function `worker`. */
function connect(
  code: string,
  { source = {}, queue = {} }: { source?: Partial<EventSourceSpec>; queue?: Partial<QueueSpec> } = {},
) {
  putQueue('work', queue);
  cloud.deploy('worker', code);
  cloud.lambda.putEventSource({
    id: 'mapping',
    functionName: 'worker',
    queueArn: cloud.sqs.queueArn('work'),
    batchSize: 10,
    maxBatchingWindowSeconds: 0,
    reportBatchItemFailures: false,
    enabled: true,
    ...source,
  });
}
const send = (...bodies: string[]) => {
  for (const body of bodies) cloud.sqs.send(OPERATOR, cloud.sqs.queueArn('work'), body);
};
/** Sends at most ten messages so that they are received together. */
const sendTogether = (...bodies: string[]) => {
  const Entries = bodies.map((MessageBody, index) => ({ Id: `${index}`, MessageBody }));
  const batch = new SendMessageBatchCommand({ QueueUrl: cloud.sqs.queueUrl('work'), Entries });
  return new SQSClient(cloud.client).send(batch);
};
const counts = async (name = 'work') => {
  const client = new SQSClient(cloud.client);
  const input = { QueueUrl: cloud.sqs.queueUrl(name), AttributeNames: ['All' as const] };
  const attributes = (await client.send(new GetQueueAttributesCommand(input))).Attributes ?? {};
  const visible = Number(attributes.ApproximateNumberOfMessages);
  const inFlight = Number(attributes.ApproximateNumberOfMessagesNotVisible);
  return { visible, inFlight };
};
const isEmpty = async () => {
  const { visible, inFlight } = await counts();
  return visible + inFlight === 0;
};
/** What the function has logged after `word`, one text a line. */
const said = (word: string) =>
  cloud.lines.flatMap(line => {
    const [, first, rest] = /: INFO (\S+) (.*) \(\w{8}\)$/.exec(line) ?? [];
    return first === word && rest !== undefined ? [rest] : [];
  });

const ECHO = `export const handler = async event => { for (const record of event.Records) console.log('got ' + record.body); };`;

describe('delivery', () => {
  it('gives the function the event of SQS, and deletes what it has handled', async () => {
    connect(`export const handler = async event => console.log('event ' + JSON.stringify(event));`);
    const attributes = {
      kind: { DataType: 'String', StringValue: 'x' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const input = { QueueUrl: cloud.sqs.queueUrl('work'), MessageBody: 'hello', MessageAttributes: attributes };
    const sent = await new SQSClient(cloud.client).send(new SendMessageCommand(input));
    await until(async () => said('event').length > 0 && (await isEmpty()), 'the message is handled');
    expect(JSON.parse(said('event')[0] ?? '')).toEqual({
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: 'hello',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: '000000000000',
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {
            kind: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
            bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
          },
          md5OfBody: sent.MD5OfMessageBody,
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          eventSource: 'aws:sqs',
          eventSourceARN: cloud.sqs.queueArn('work'),
          awsRegion: 'us-east-1',
        },
      ],
    });
  });

  it('fills batches up to their size within the batching window', async () => {
    connect(`export const handler = async event => console.log('size ' + event.Records.length);`, {
      source: { batchSize: 15, maxBatchingWindowSeconds: 20 },
    });
    await sendTogether(...'abcdefghij');
    send('11', '12', '13', '14', '15');
    await until(() => said('size').length > 0, 'a batch is handled');
    expect(said('size')).toEqual(['15']);
  });

  it('gives an incomplete batch when the window is over', async () => {
    connect(`export const handler = async event => console.log('size ' + event.Records.length);`, {
      source: { batchSize: 100, maxBatchingWindowSeconds: 1 },
    });
    send('a', 'b');
    await until(() => said('size').length > 0, 'a batch is handled');
    expect(said('size')).toEqual(['2']);
  });

  it('runs at most `maxConcurrency` invocations side by side', async () => {
    const code = `import { readdirSync, writeFileSync, rmSync } from 'node:fs';
      export const handler = async event => {
        const mark = process.env.HOME + '/' + process.pid;
        writeFileSync(mark, '');
        await new Promise(r => setTimeout(r, 100));
        console.log('beside ' + readdirSync(process.env.HOME).length);
        rmSync(mark);
      };`;
    connect(code, { source: { batchSize: 1, maxConcurrency: 2 } });
    send('a', 'b', 'c', 'd', 'e', 'f');
    await until(isEmpty, 'all are handled');
    expect(said('beside')).toHaveLength(6);
    expect(said('beside').toSorted().at(-1)).toBe('2');
  });

  it('leaves room for a caller who waits, however much is in the queue', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { maxProcesses: 4, graceMs: 50 } });
    connect('export const handler = async () => { await new Promise(r => setTimeout(r, 15_000)); };', {
      source: { batchSize: 1 },
    });
    send('a', 'b', 'c', 'd', 'e', 'f');
    cloud.deploy('ask', 'export const handler = async () => "answer";');
    await until(async () => (await counts()).inFlight >= 2, 'the queue is being worked on');
    expect(await cloud.invoke('ask')).toBe('answer');
    expect((await counts()).visible + (await counts()).inFlight).toBe(6);
  });
});

describe('failures', () => {
  it('gives back what the function reports, and deletes the rest', async () => {
    const code = `export const handler = async event => {
      for (const { body } of event.Records) console.log('got ' + body);
      const isNew = record => record.attributes.ApproximateReceiveCount === '1';
      const bad = event.Records.filter(record => record.body === 'bad' && isNew(record));
      return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) }; };`;
    connect(code, { source: { reportBatchItemFailures: true }, queue: { visibilityTimeoutSeconds: 1 } });
    await sendTogether('good', 'bad', 'fine');
    await until(isEmpty, 'all are handled');
    expect(said('got').toSorted()).toEqual(['bad', 'bad', 'fine', 'good']);
    expect(cloud.lines.some(line => line.includes('1 of 3 messages will come back'))).toBe(true);
  });

  it.each([
    ['throws', 'throw new Error("no")', true],
    ['names a message that is not of the batch', 'return { batchItemFailures: [{ itemIdentifier: "unknown" }] }', true],
    ['names none', 'return { batchItemFailures: [{ itemIdentifier: "" }] }', true],
    ['replies with something else', 'return "done"', true],
    ['throws and reports nothing', 'throw new Error("no")', false],
  ])('gives the whole batch back when the function %s', async (_what, statement, reportBatchItemFailures) => {
    const code = `export const handler = async event => {
      for (const { body } of event.Records) console.log('got ' + body);
      if (event.Records[0].attributes.ApproximateReceiveCount === '1') { ${statement} } };`;
    connect(code, { source: { reportBatchItemFailures }, queue: { visibilityTimeoutSeconds: 1 } });
    await sendTogether('a', 'b');
    await until(isEmpty, 'all are handled');
    expect(said('got').toSorted()).toEqual(['a', 'a', 'b', 'b']);
  });

  it.each([['null'], ['{}'], ['{ batchItemFailures: [] }'], ['{ batchItemFailures: null }']])(
    'takes %s as a success',
    async reply => {
      connect(`export const handler = async () => { console.log('got it'); return ${reply}; };`, {
        source: { reportBatchItemFailures: true },
      });
      send('a');
      await until(isEmpty, 'it is handled');
      expect(said('got')).toEqual(['it']);
    },
  );

  it('ends in the dead-letter queue when it fails again and again', async () => {
    putQueue('dead');
    const redrive = { deadLetterArn: cloud.sqs.queueArn('dead'), maxReceiveCount: 2 };
    connect('export const handler = async () => { throw new Error("never"); };', {
      queue: { visibilityTimeoutSeconds: 1, redrive },
    });
    send('poison');
    await until(async () => (await counts('dead')).visible === 1, 'it is in the dead-letter queue');
    expect(cloud.lines.filter(line => line.includes('Invoke Error'))).toHaveLength(2);
  });
});

describe('the mapping', () => {
  it('does nothing while it is disabled, and nothing more when it is deleted', async () => {
    connect(ECHO, { source: { enabled: false } });
    send('a');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await counts()).toEqual({ visible: 1, inFlight: 0 });
    connect(ECHO);
    await until(isEmpty, 'it is handled');
    await cloud.lambda.deleteEventSource('mapping');
    send('b');
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(said('got')).toEqual(['a']);
  });

  it('receives as the function: it is refused when the role may not', () => {
    cloud.permit({ Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: '*' });
    expect(() => connect(ECHO)).toThrow('sqs:DeleteMessage');
  });

  it('says so when the role may not delete any more, and the message comes back', async () => {
    connect(ECHO, { queue: { visibilityTimeoutSeconds: 1 } });
    cloud.permit({ Effect: 'Allow', Action: 'sqs:ReceiveMessage', Resource: '*' });
    send('a');
    await until(() => said('got').length >= 2, 'it came back');
    expect(cloud.lines.some(line => /cannot delete 1 messages.*sqs:DeleteMessage/.test(line))).toBe(true);
  });

  it.each([
    ['batch size', { batchSize: 0 }],
    ['batching window', { batchSize: 11 }],
    ['maximum concurrency', { maxConcurrency: 1 }],
  ])('is refused when its %s breaks the rules of AWS', (what, source) => {
    expect(() => connect(ECHO, { source })).toThrow(what);
  });
});

describe('a stop', () => {
  const SLOW = `export const handler = async () => { console.log('pid ' + process.pid); await new Promise(r => setTimeout(r, 60_000)); };`;

  it('lets what is at work finish within the grace time', async () => {
    connect(
      `export const handler = async () => { console.log('begun 1'); await new Promise(r => setTimeout(r, 300)); console.log('ended 1'); };`,
    );
    send('a');
    await until(() => said('begun').length > 0, 'it is at work');
    await cloud.lambda.close();
    expect(said('ended')).toEqual(['1']);
    expect(await isEmpty()).toBe(true);
  });

  it('kills what takes longer, and its messages are there at the next start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'local-sqs-'));
    const open = () => new DatabaseSync(join(folder, 'queues.sqlite'));
    await cloud.close();
    let database = open();
    cloud = await startCloud({ database, limits: { graceMs: 50 } });
    connect(SLOW, { queue: { visibilityTimeoutSeconds: 600 } });
    send('kept');
    await until(() => said('pid').length > 0, 'it is at work');
    await cloud.close();
    expect(isAlive(Number(said('pid')[0]))).toBe(false);
    database.close();

    database = open();
    cloud = await startCloud({ database });
    connect(ECHO);
    await until(() => said('got').includes('kept'), 'it is handled after the restart');
    await cloud.close();
    database.close();
    rmSync(folder, { recursive: true });
  });

  it('leaves the queue to others', async () => {
    connect(ECHO);
    await cloud.lambda.close();
    send('a');
    const receive = new ReceiveMessageCommand({ QueueUrl: cloud.sqs.queueUrl('work') });
    expect((await new SQSClient(cloud.client).send(receive)).Messages).toHaveLength(1);
  });
});
