import type { Caller, Iam } from '../contracts.ts';
import { invalidParameter, queueDoesNotExist, SqsError } from './errors.ts';
import { md5, md5OfMessageAttributes, selectAttributes } from './message-attributes.ts';
import type { MoveTasks } from './move-tasks.ts';
import { MAX_MESSAGE_BYTES, messageSize, outgoingMessage } from './outgoing.ts';
import { queueAttributes } from './queue-attributes.ts';
import type { OutgoingMessage, Queues, ReceivedMessage } from './queues.ts';
import { checkBatch, parseRequest, requests } from './requests.ts';
import { selectSystemAttributes } from './system-attributes.ts';

interface Call {
  readonly caller: Caller;
  readonly senderId: string;
  readonly input: unknown;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}
export interface Service {
  readonly queues: Queues;
  readonly moveTasks: MoveTasks;
  readonly iam: Iam;
  readonly queueUrl: (name: string) => string;
}
/** One operation: from the request's JSON to the reply's. Its errors are SqsError and AccessDenied. */
type Operation = (service: Service, call: Call) => unknown;

const sendMessage: Operation = (service, call) => {
  const request = parseRequest(requests.sendMessage, call.input);
  const queue = authorizedQueue(service, call, 'sqs:SendMessage', request.QueueUrl);
  const message = outgoingMessage(request, call.senderId);
  const [messageId] = service.queues.send(queue, [message]);
  return { MessageId: messageId, ...digests(message) };
};

const sendMessageBatch: Operation = (service, call) => {
  const request = parseRequest(requests.sendMessageBatch, call.input);
  const queue = authorizedQueue(service, call, 'sqs:SendMessage', request.QueueUrl);
  const { done, failed } = eachEntry(request.Entries, entry => outgoingMessage(entry, call.senderId));
  const size = done.reduce((sum, { result }) => sum + messageSize(result), 0);
  if (size > MAX_MESSAGE_BYTES) {
    throw new SqsError(
      'BatchRequestTooLong',
      `Batch requests cannot be longer than ${MAX_MESSAGE_BYTES} bytes. You have sent ${size} bytes.`,
    );
  }
  const ids = service.queues.send(
    queue,
    done.map(({ result }) => result),
  );
  const successful = done.map(({ Id, result }, index) => ({ Id, MessageId: ids[index], ...digests(result) }));
  return { Successful: successful, Failed: failed };
};

const receiveMessage: Operation = async (service, call) => {
  const request = parseRequest(requests.receiveMessage, call.input);
  const queue = authorizedQueue(service, call, 'sqs:ReceiveMessage', request.QueueUrl);
  const waitSeconds = request.WaitTimeSeconds ?? service.queues.record(queue).spec.receiveWaitSeconds;
  const messages = await service.queues.receive(queue, {
    max: request.MaxNumberOfMessages,
    visibilitySeconds: request.VisibilityTimeout,
    waitMs: waitSeconds * 1000,
    signal: call.signal,
  });
  const systemNames = [...request.AttributeNames, ...request.MessageSystemAttributeNames];
  const wired = messages.map(message => wireMessage(message, systemNames, request.MessageAttributeNames));
  return wired.length > 0 ? { Messages: wired } : {};
};

const deleteMessage: Operation = (service, call) => {
  const request = parseRequest(requests.deleteMessage, call.input);
  const queue = authorizedQueue(service, call, 'sqs:DeleteMessage', request.QueueUrl);
  service.queues.delete(queue, request.ReceiptHandle);
  return {};
};

const deleteMessageBatch: Operation = (service, call) => {
  const request = parseRequest(requests.deleteMessageBatch, call.input);
  const queue = authorizedQueue(service, call, 'sqs:DeleteMessage', request.QueueUrl);
  const { done, failed } = eachEntry(request.Entries, entry => service.queues.delete(queue, entry.ReceiptHandle));
  return { Successful: done.map(({ Id }) => ({ Id })), Failed: failed };
};

const changeMessageVisibility: Operation = (service, call) => {
  const request = parseRequest(requests.changeMessageVisibility, call.input);
  const queue = authorizedQueue(service, call, 'sqs:ChangeMessageVisibility', request.QueueUrl);
  service.queues.changeVisibility(queue, request.ReceiptHandle, request.VisibilityTimeout);
  return {};
};

const changeMessageVisibilityBatch: Operation = (service, call) => {
  const request = parseRequest(requests.changeMessageVisibilityBatch, call.input);
  const queue = authorizedQueue(service, call, 'sqs:ChangeMessageVisibility', request.QueueUrl);
  const { done, failed } = eachEntry(request.Entries, entry =>
    service.queues.changeVisibility(queue, entry.ReceiptHandle, entry.VisibilityTimeout),
  );
  return { Successful: done.map(({ Id }) => ({ Id })), Failed: failed };
};

const getQueueUrl: Operation = (service, call) => {
  const { QueueName } = parseRequest(requests.getQueueUrl, call.input);
  service.iam.authorize(call.caller, 'sqs:GetQueueUrl', service.queues.arn(QueueName));
  service.queues.record(QueueName);
  return { QueueUrl: service.queueUrl(QueueName) };
};

const getQueueAttributes: Operation = (service, call) => {
  const request = parseRequest(requests.getQueueAttributes, call.input);
  const queue = authorizedQueue(service, call, 'sqs:GetQueueAttributes', request.QueueUrl);
  const attributes = queueAttributes(service.queues, queue, request.AttributeNames);
  return Object.keys(attributes).length > 0 ? { Attributes: attributes } : {};
};

const listQueues: Operation = (service, call) => {
  const { QueueNamePrefix, MaxResults = 1000, NextToken = '' } = parseRequest(requests.listQueues, call.input);
  service.iam.authorize(call.caller, 'sqs:ListQueues', '*');
  const names = service.queues.names().filter(name => name.startsWith(QueueNamePrefix) && name > NextToken);
  const page = names.slice(0, MaxResults);
  return { QueueUrls: page.map(service.queueUrl), ...(names.length > page.length && { NextToken: page.at(-1) }) };
};

const purgeQueue: Operation = (service, call) => {
  const { QueueUrl } = parseRequest(requests.purgeQueue, call.input);
  service.queues.purge(authorizedQueue(service, call, 'sqs:PurgeQueue', QueueUrl));
  return {};
};

const startMessageMoveTask: Operation = (service, { caller, input }) => {
  const { SourceArn, DestinationArn } = parseRequest(requests.startMessageMoveTask, input);
  return { TaskHandle: service.moveTasks.start(caller, SourceArn, DestinationArn) };
};

const listMessageMoveTasks: Operation = (service, { caller, input }) => {
  const { SourceArn, MaxResults } = parseRequest(requests.listMessageMoveTasks, input);
  return { Results: service.moveTasks.list(caller, SourceArn, MaxResults) };
};

/** By the names in `x-amz-target: AmazonSQS.<name>`. */
const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    ReceiveMessage: receiveMessage,
    DeleteMessage: deleteMessage,
    DeleteMessageBatch: deleteMessageBatch,
    ChangeMessageVisibility: changeMessageVisibility,
    ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
    GetQueueUrl: getQueueUrl,
    GetQueueAttributes: getQueueAttributes,
    ListQueues: listQueues,
    PurgeQueue: purgeQueue,
    StartMessageMoveTask: startMessageMoveTask,
    ListMessageMoveTasks: listMessageMoveTasks,
  }),
);

/** @returns the name of the queue, once the caller may do this on it and it exists */
function authorizedQueue({ queues, iam }: Service, { caller }: Call, action: string, queueUrl: string): string {
  const name = queueUrl.slice(queueUrl.lastIndexOf('/') + 1);
  if (!/^[\w-]{1,80}(\.fifo)?$/.test(name)) throw queueDoesNotExist();
  iam.authorize(caller, action, queues.arn(name));
  queues.record(name);
  return name;
}

interface EntryFailure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

/** Does the work for each entry of a batch; an entry that is refused does not keep the others from being done. */
function eachEntry<Entry extends { readonly Id: string }, Result>(
  entries: readonly Entry[],
  work: (entry: Entry) => Result,
) {
  const done: { Id: string; result: Result }[] = [];
  const failed: EntryFailure[] = [];
  for (const entry of checkBatch(entries)) {
    try {
      done.push({ Id: entry.Id, result: work(entry) });
    } catch (error) {
      if (!(error instanceof SqsError)) throw error;
      failed.push({ Id: entry.Id, SenderFault: true, Code: error.queryCode, Message: error.message });
    }
  }
  return { done, failed };
}

const digests = ({ body, messageAttributes, traceHeader }: OutgoingMessage) => ({
  MD5OfMessageBody: md5(body),
  MD5OfMessageAttributes: md5OfMessageAttributes(messageAttributes),
  MD5OfMessageSystemAttributes:
    traceHeader && md5OfMessageAttributes({ AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } }),
});

function wireMessage(message: ReceivedMessage, systemNames: readonly string[], attributeNames: readonly string[]) {
  const attributes = selectSystemAttributes(message, systemNames);
  const messageAttributes = selectAttributes(message.messageAttributes, attributeNames);
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...(Object.keys(messageAttributes).length > 0 && {
      MD5OfMessageAttributes: md5OfMessageAttributes(messageAttributes),
      MessageAttributes: messageAttributes,
    }),
  };
}

/** @throws SqsError for an operation that is not emulated */
export function operationOf(target: string | undefined): Operation {
  const name = /^AmazonSQS\.(\w+)$/.exec(target ?? '')?.[1];
  if (!name) throw invalidParameter('Only the JSON protocol is served: x-amz-target must be AmazonSQS.<operation>.');
  const operation = operations.get(name);
  if (!operation) throw new SqsError('InvalidAction', `SQS ${name} is not emulated.`);
  return operation;
}
