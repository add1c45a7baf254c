import type { DatabaseSync } from 'node:sqlite';
import { BodyTooLarge } from '../bodies.ts';
import {
  ACCOUNT_ID,
  AccessDenied,
  type Caller,
  type Exchange,
  type Faults,
  type Iam,
  type QueueMessage,
  type SqsServer,
} from '../contracts.ts';
import { noFaults } from '../faults/faults.ts';
import { jsonError, jsonReply } from '../wire.ts';
import { invalidParameter, SqsError } from './errors.ts';
import { md5 } from './message-attributes.ts';
import { MessageStore } from './message-store.ts';
import { MoveTasks } from './move-tasks.ts';
import { operationOf, type Service } from './operations.ts';
import { outgoingMessage } from './outgoing.ts';
import { Queues, queueOfArn, type ReceivedMessage } from './queues.ts';
import { systemAttributes } from './system-attributes.ts';

export interface SqsOptions {
  /** Holds queues and messages, so that they survive a restart; other servers may share it. */
  readonly database: DatabaseSync;
  readonly iam: Iam;
  /** The local cloud's address, known once it listens, e.g. `http://127.0.0.1:4566`. */
  readonly url: () => string;
  readonly region: string;
  /** @default nothing goes wrong on purpose */
  readonly faults?: Faults;
}

/** Amazon SQS with standard queues, over the JSON protocol that current clients speak. */
export function createSqs({ database, iam, url, region, faults = noFaults }: SqsOptions): SqsServer {
  const queues = new Queues(new MessageStore(database), region, faults);
  const queueUrl = (name: string) => `${url()}/${ACCOUNT_ID}/${name}`;
  const parts = { queues, iam, queueUrl };
  const service: Service = { ...parts, moveTasks: new MoveTasks(parts) };
  /** @returns the queue's name, once the caller may do this on it */
  const allowed = (caller: Caller, action: string, queueArn: string) => {
    iam.authorize(caller, action, queueArn);
    return queueOfArn(queueArn);
  };
  return {
    handler: exchange => answer(service, exchange),
    putQueue: spec => queues.put(spec),
    deleteQueue: name => queues.remove(name),
    queueUrl,
    queueArn: name => queues.arn(name),
    send(caller, queueArn, body) {
      const queue = allowed(caller, 'sqs:SendMessage', queueArn);
      const entry = { MessageBody: body, MessageAttributes: {}, MessageSystemAttributes: {} };
      queues.send(queue, [outgoingMessage(entry, senderIdOf(caller))]);
    },
    async receive(caller, queueArn, max, waitMs, signal) {
      const queue = allowed(caller, 'sqs:ReceiveMessage', queueArn);
      return (await queues.receive(queue, { max, waitMs, signal })).map(toQueueMessage);
    },
    delete(caller, queueArn, receiptHandles) {
      const queue = allowed(caller, 'sqs:DeleteMessage', queueArn);
      for (const handle of receiptHandles) queues.delete(queue, handle);
    },
    changeVisibility(caller, queueArn, receiptHandle, seconds) {
      queues.changeVisibility(allowed(caller, 'sqs:ChangeMessageVisibility', queueArn), receiptHandle, seconds);
    },
    hasten: (queueArn, receiptHandle, milliseconds) => queues.hasten(queueOfArn(queueArn), receiptHandle, milliseconds),
    returnAbandoned: queueArn => queues.returnAbandoned(queueOfArn(queueArn)),
  };
}

async function answer(service: Service, exchange: Exchange): Promise<void> {
  const { caller, headers, response } = exchange;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    const operation = operationOf(String(headers['x-amz-target'] ?? ''));
    const input = parseJson(await exchange.body());
    jsonReply(response, await operation(service, { caller, senderId: senderIdOf(caller), input, signal: gone.signal }));
  } catch (error) {
    const refusal = asSqsError(error);
    if (!refusal) throw error;
    const status = refusal.code === 'AccessDenied' ? 403 : 400;
    const queryHeader = { 'x-amzn-query-error': `${refusal.queryCode};Sender` };
    jsonError(response, status, refusal.type, refusal.message, { headers: queryHeader });
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || '{}');
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidParameter(`The request body is not JSON: ${error.message}`);
    throw error;
  }
}

/** @returns undefined for what the caller cannot mend */
function asSqsError(error: unknown): SqsError | undefined {
  if (error instanceof SqsError) return error;
  if (error instanceof AccessDenied) return new SqsError('AccessDenied', error.message);
  if (error instanceof BodyTooLarge) return invalidParameter(error.message);
  return undefined;
}

/** What a receiver sees of the sender: for a role its session, as STS names it. */
function senderIdOf(caller: Caller): string {
  switch (caller.kind) {
    case 'role':
      return `${caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1)}:${caller.functionName}`;
    case 'service':
      return caller.principal;
    case 'operator':
    case 'anonymous':
      return ACCOUNT_ID;
  }
}

const toQueueMessage = (message: ReceivedMessage): QueueMessage => ({
  messageId: message.messageId,
  receiptHandle: message.receiptHandle,
  body: message.body,
  attributes: systemAttributes(message),
  messageAttributes: message.messageAttributes,
  md5OfBody: md5(message.body),
});
