import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sqsDeadLetterQueues } from '../../lambdas/adapters/sqs-dead-letter-queues.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';

let services: LocalServices;
beforeAll(async () => {
  services = await startLocalServices();
  const times = { visibilityTimeoutSeconds: 0, delaySeconds: 0, retentionSeconds: 3_600, receiveWaitSeconds: 0 };
  for (const name of ['work', 'other']) {
    const redrive = { deadLetterArn: services.sqs.queueArn(`${name}-dead`), maxReceiveCount: 1 };
    services.sqs.putQueue({ name: `${name}-dead`, ...times });
    services.sqs.putQueue({ name, ...times, redrive });
  }
});
afterAll(() => services.close());

const urlOf = async (QueueName: string) =>
  (await services.clients.sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? '';
const receive = async (name: string) => {
  const command = new ReceiveMessageCommand({ QueueUrl: await urlOf(name), MaxNumberOfMessages: 10 });
  return ((await services.clients.sqs.send(command)).Messages ?? []).map(({ Body }) => Body).sort();
};
const send = async (name: string, MessageBody: string) =>
  services.clients.sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(name), MessageBody }));
const redrive = async () => {
  const pairs = ['work', 'other'].map(async name => ({
    url: await urlOf(`${name}-dead`),
    workQueueArn: services.sqs.queueArn(name),
  }));
  return sqsDeadLetterQueues(services.clients.queues, await Promise.all(pairs)).redrive();
};

it('sends dead letters back to their work queue, where they are tried as often as new ones', async () => {
  for (const body of ['a', 'b']) await send('work', body);
  expect(await receive('work')).toEqual(['a', 'b']);
  expect(await receive('work')).toEqual([]); // given up after one receive
  await send('work-dead', 'sent there by another service');
  expect(await redrive()).toEqual([{ queue: 'work-dead', messages: 3 }]);
  expect(await receive('work-dead')).toEqual([]);
  expect(await receive('work')).toEqual(['a', 'b', 'sent there by another service']);
});

it('does nothing where there are none', async () => {
  expect(await receive('work')).toEqual([]);
  await receive('work-dead');
  services.sqs.putQueue({
    ...{ name: 'work-dead', visibilityTimeoutSeconds: 600, delaySeconds: 0, retentionSeconds: 3_600 },
    receiveWaitSeconds: 0,
  });
  await receive('work-dead');
  expect(await redrive()).toEqual([]);
});
