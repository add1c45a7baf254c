import { DatabaseSync } from 'node:sqlite';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueSpec, SqsServer } from '../../local/contracts.ts';
import { createSqs } from '../../local/sqs/server.ts';
import { fakeIam, serve, type TestServer, until } from './sqs-fixture.ts';

const spec = (name: string, rest: Partial<QueueSpec> = {}): QueueSpec => ({
  name,
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 3600,
  receiveWaitSeconds: 0,
  ...rest,
});

const denied = new Set<string>();
let database: DatabaseSync;
let sqs: SqsServer;
let server: TestServer;
let client: SQSClient;

const start = (db: DatabaseSync) => {
  const { iam, callerOf } = fakeIam(denied);
  return { callerOf, sqs: createSqs({ database: db, iam, url: () => server.url, region: 'us-east-1' }) };
};

beforeEach(async () => {
  denied.clear();
  database = new DatabaseSync(':memory:');
  const started = start(database);
  sqs = started.sqs;
  server = await serve(() => sqs.handler, started.callerOf);
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'x' };
  client = new SQSClient({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 });
  sqs.putQueue(spec('work'));
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

const send = (body: string, rest = {}, queue = 'work') =>
  client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl(queue), MessageBody: body, ...rest }));
const receive = async (rest: Partial<ReceiveMessageCommandInput> = {}, queue = 'work') => {
  const QueueUrl = sqs.queueUrl(queue);
  return (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...rest }))).Messages ?? [];
};
const attributes = async (queue = 'work') =>
  (await client.send(new GetQueueAttributesCommand({ QueueUrl: sqs.queueUrl(queue), AttributeNames: ['All'] })))
    .Attributes ?? {};

describe('sending and receiving', () => {
  it('gives a message out with the digests that the client checks, and not again while it is hidden', async () => {
    const sent = await send('häl\nlo', { MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } } });
    const [message] = await receive({ MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'häl\nlo',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      Attributes: { ApproximateReceiveCount: '1', SenderId: '000000000000' },
    });
    expect(Number(message?.Attributes?.SentTimestamp)).toBeGreaterThan(Date.now() - 60_000);
    expect(await receive()).toEqual([]);
  });

  it('digests message attributes as the AWS documentation says', async () => {
    const attributes = {
      number: { DataType: 'Number', StringValue: '42' },
      binary: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    const sent = await send('x', { MessageAttributes: attributes });
    // md5 of: 00000006 "binary" 00000006 "Binary" 02 00000003 010203 | 00000006 "number" 00000006 "Number" 01 00000002 "42"
    expect(sent.MD5OfMessageAttributes).toBe('1118d263c204e3db0d2812909bd6fe27');
    const [message] = await receive({ MessageAttributeNames: ['num.*', 'other'] });
    expect(Object.keys(message?.MessageAttributes ?? {})).toEqual(['number']);
  });

  it('wakes a long poll at once when a message is sent', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    await send('now');
    expect((await waiting).map(message => message.Body)).toEqual(['now']);
  });

  it('wakes a long poll when a hidden message becomes visible again', async () => {
    await send('again');
    await receive({ VisibilityTimeout: 1 });
    const [message] = await receive({ WaitTimeSeconds: 20, MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(message).toMatchObject({ Body: 'again', Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('does not give a message to a long poll whose client has gone away', async () => {
    const aborted = new AbortController();
    const QueueUrl = sqs.queueUrl('work');
    const lost = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
      abortSignal: aborted.signal,
    });
    await new Promise(resolve => setTimeout(resolve, 100));
    aborted.abort();
    await expect(lost).rejects.toThrow();
    await new Promise(resolve => setTimeout(resolve, 100));
    await send('kept');
    expect(await receive()).toHaveLength(1);
  });

  it('hides a delayed message until its delay is over', async () => {
    await send('later', { DelaySeconds: 1 });
    expect(await receive()).toEqual([]);
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesDelayed: '1' });
    expect(await receive({ WaitTimeSeconds: 20 })).toHaveLength(1);
  });

  it('forgets messages that are older than the retention', async () => {
    sqs.putQueue(spec('short', { retentionSeconds: 1 }));
    await send('old', {}, 'short');
    await until(
      async () => (await attributes('short')).ApproximateNumberOfMessages === '0',
      'the message is forgotten',
    );
    expect(await receive({}, 'short')).toEqual([]);
  });
});

describe('deleting and visibility', () => {
  it('deletes by the newest receipt, and not by an older one', async () => {
    await send('twice');
    const [first] = await receive({ VisibilityTimeout: 0 });
    const [second] = await receive({ VisibilityTimeout: 30 });
    const QueueUrl = sqs.queueUrl('work');
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second?.ReceiptHandle }));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0' });
  });

  it('shows a message at once when its visibility is set to 0', async () => {
    await send('impatient');
    const [message] = await receive();
    const waiting = receive({ WaitTimeSeconds: 20 });
    const input = { QueueUrl: sqs.queueUrl('work'), ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 };
    await client.send(new ChangeMessageVisibilityCommand(input));
    expect(await waiting).toHaveLength(1);
  });

  it('refuses to hide a message that is not in flight', async () => {
    await send('loose');
    const [message] = await receive({ VisibilityTimeout: 0 });
    const input = { QueueUrl: sqs.queueUrl('work'), ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 10 };
    await expect(client.send(new ChangeMessageVisibilityCommand(input))).rejects.toMatchObject({
      name: 'MessageNotInflight',
    });
  });

  describe('moving messages back', () => {
    const move = (name: string, destination?: string) =>
      client.send(
        new StartMessageMoveTaskCommand({
          SourceArn: sqs.queueArn(name),
          ...(destination && { DestinationArn: sqs.queueArn(destination) }),
        }),
      );
    beforeEach(async () => {
      sqs.putQueue(spec('dead', { visibilityTimeoutSeconds: 0 }));
      for (const name of ['one', 'two']) {
        const redrive = { deadLetterArn: sqs.queueArn('dead'), maxReceiveCount: 1 };
        sqs.putQueue(spec(name, { visibilityTimeoutSeconds: 0, redrive }));
        await send(name, {}, name);
        await receive({}, name);
        await receive({}, name); // it has been received as often as it may
      }
    });
    const bodies = async (name: string) => (await receive({ MaxNumberOfMessages: 10 }, name)).map(({ Body }) => Body);

    it('brings each to the queue that gave it up, to be received as often as new ones', async () => {
      expect((await move('dead')).TaskHandle).toBeTruthy();
      expect([await bodies('one'), await bodies('two'), await bodies('dead')]).toEqual([['one'], ['two'], []]);
      const list = new ListMessageMoveTasksCommand({ SourceArn: sqs.queueArn('dead') });
      expect((await client.send(list)).Results).toMatchObject([
        { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2, ApproximateNumberOfMessagesToMove: 2 },
      ]);
    });

    it('brings all to the queue that is named', async () => {
      await move('dead', 'two');
      expect((await bodies('two')).sort()).toEqual(['one', 'two']);
    });

    it("is refused for a queue that is nobody's dead-letter queue, or not there", async () => {
      await expect(move('one')).rejects.toThrow('dead-letter queue of no other queue');
      await expect(move('nowhere')).rejects.toThrow('does not exist');
    });
  });

  it('moves a message to the dead-letter queue after its last receive, with its id and where it came from', async () => {
    sqs.putQueue(spec('dead'));
    sqs.putQueue(spec('fragile', { redrive: { deadLetterArn: sqs.queueArn('dead'), maxReceiveCount: 2 } }));
    const { MessageId } = await send('poison', {}, 'fragile');
    expect(await receive({ VisibilityTimeout: 0 }, 'fragile')).toHaveLength(1);
    expect(await receive({ VisibilityTimeout: 0 }, 'fragile')).toHaveLength(1);
    const waiting = receive({ WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] }, 'dead');
    expect(await receive({}, 'fragile')).toEqual([]);
    const [message] = await waiting;
    expect(message).toMatchObject({ MessageId, Body: 'poison' });
    expect(message?.Attributes?.DeadLetterQueueSourceArn).toBe(sqs.queueArn('fragile'));
    expect(JSON.parse((await attributes('fragile')).RedrivePolicy ?? '')).toEqual({
      deadLetterTargetArn: sqs.queueArn('dead'),
      maxReceiveCount: 2,
    });
  });
});

describe('batches', () => {
  it('sends and deletes each entry, and tells which one failed', async () => {
    const QueueUrl = sqs.queueUrl('work');
    const Entries = [
      { Id: 'good', MessageBody: 'one' },
      { Id: 'bad', MessageBody: 'a\u0000b' },
      { Id: 'also-good', MessageBody: 'two' },
    ];
    const sent = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    expect(sent.Successful?.map(entry => entry.Id)).toEqual(['good', 'also-good']);
    expect(sent.Failed).toMatchObject([{ Id: 'bad', SenderFault: true, Code: 'InvalidMessageContents' }]);

    const received = await receive();
    const handles = received.map((message, index) => ({ Id: `m${index}`, ReceiptHandle: message.ReceiptHandle }));
    handles.push({ Id: 'nonsense', ReceiptHandle: 'nonsense' });
    const deleted = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
    expect(deleted.Successful).toHaveLength(2);
    expect(deleted.Failed).toMatchObject([{ Id: 'nonsense', Code: 'ReceiptHandleIsInvalid' }]);
  });

  it.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' }))],
    ['BatchEntryIdsNotDistinct', ['a', 'a'].map(Id => ({ Id, MessageBody: 'x' }))],
    ['InvalidBatchEntryId', [{ Id: 'not this!', MessageBody: 'x' }]],
    ['BatchRequestTooLong', ['a', 'b'].map(Id => ({ Id, MessageBody: 'x'.repeat(600_000) }))],
  ])('refuses the whole batch with %s', async (name, Entries) => {
    const input = { QueueUrl: sqs.queueUrl('work'), Entries };
    await expect(client.send(new SendMessageBatchCommand(input))).rejects.toMatchObject({ name });
  });
});

describe('queues', () => {
  it('finds, lists and purges queues', async () => {
    sqs.putQueue(spec('work-dead'));
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'work' }));
    expect(QueueUrl).toBe(`${server.url}/000000000000/work`);
    const page = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'work', MaxResults: 1 }));
    const rest = await client.send(new ListQueuesCommand({ QueueNamePrefix: 'work', NextToken: page.NextToken }));
    expect([...(page.QueueUrls ?? []), ...(rest.QueueUrls ?? [])]).toEqual(['work', 'work-dead'].map(sqs.queueUrl));
    await send('gone');
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: '0', QueueArn: sqs.queueArn('work') });
  });

  it('keeps messages over a restart, hidden ones until their time', async () => {
    await send('taken');
    await send('waiting');
    await receive({ MaxNumberOfMessages: 1, VisibilityTimeout: 3 });
    sqs = start(database).sqs;
    sqs.putQueue(spec('work'));
    expect((await receive()).map(message => message.Body)).toEqual(['waiting']);
    expect((await receive({ WaitTimeSeconds: 20 })).map(message => message.Body)).toEqual(['taken']);
  });

  it('refuses FIFO queues and parameters', async () => {
    expect(() => sqs.putQueue(spec('orders.fifo'))).toThrow('FIFO queues are not emulated');
    await expect(send('x', { MessageDeduplicationId: 'a' })).rejects.toMatchObject({ name: 'UnsupportedOperation' });
  });
});

describe('refusals', () => {
  it('names a queue that does not exist as AWS does', async () => {
    const failure = await send('x', {}, 'nowhere').catch((error: Error) => error);
    expect(failure).toMatchObject({ name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  it('denies what the caller may not do, batches by the action of their entries', async () => {
    denied.add(`sqs:SendMessage ${sqs.queueArn('work')}`);
    await expect(send('x')).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('not allowed'),
    });
    const batch = { QueueUrl: sqs.queueUrl('work'), Entries: [{ Id: 'a', MessageBody: 'x' }] };
    await expect(client.send(new SendMessageBatchCommand(batch))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    const service = { kind: 'service', principal: 's3.amazonaws.com' } as const;
    expect(() => sqs.send(service, sqs.queueArn('work'), 'x')).toThrow('not allowed');
  });

  it.each([
    ['a body over 1 MiB', 'x'.repeat(1_048_577), {}, 'InvalidParameterValue'],
    ['an empty body', '', {}, 'MissingParameter'],
    ['a delay over 15 minutes', 'x', { DelaySeconds: 901 }, 'InvalidParameterValue'],
    [
      'a number that is none',
      'x',
      { MessageAttributes: { n: { DataType: 'Number', StringValue: 'ten' } } },
      'InvalidParameterValue',
    ],
  ])('refuses %s', async (_what, body, rest, name) => {
    await expect(send(body, rest)).rejects.toMatchObject({ name });
  });

  it('takes a message of exactly 1 MiB', async () => {
    await send('x'.repeat(1_048_576));
    expect((await receive())[0]?.Body).toHaveLength(1_048_576);
  });
});
