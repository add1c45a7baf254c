import type {
  ChangeMessageVisibilityCommandInput,
  GetQueueAttributesCommandInput,
  GetQueueAttributesCommandOutput,
  GetQueueUrlCommandInput,
  GetQueueUrlCommandOutput,
  ListMessageMoveTasksCommandInput,
  ListMessageMoveTasksCommandOutput,
  SendMessageBatchCommandInput,
  SendMessageBatchCommandOutput,
  SendMessageCommandInput,
  StartMessageMoveTaskCommandInput,
} from '@aws-sdk/client-sqs';
import { AwsClient, type AwsClientOptions, readJson } from './aws/client.ts';

/** The operations of SQS that functions use. Inputs and replies are those of the API. */
export interface SqsClient {
  /** Some entries may be refused while others are sent: see `Failed`. */
  sendMessageBatch(input: SendMessageBatchCommandInput): Promise<Partial<SendMessageBatchCommandOutput>>;
  sendMessage(input: SendMessageCommandInput): Promise<void>;
  changeMessageVisibility(input: ChangeMessageVisibilityCommandInput): Promise<void>;
  getQueueUrl(input: GetQueueUrlCommandInput): Promise<Partial<GetQueueUrlCommandOutput>>;
  getQueueAttributes(input: GetQueueAttributesCommandInput): Promise<Partial<GetQueueAttributesCommandOutput>>;
  listMessageMoveTasks(input: ListMessageMoveTasksCommandInput): Promise<Partial<ListMessageMoveTasksCommandOutput>>;
  startMessageMoveTask(input: StartMessageMoveTaskCommandInput): Promise<void>;
}

export function sqsClient(options: AwsClientOptions = {}): SqsClient {
  const client = new AwsClient({ host: 'sqs', signingName: 'sqs' }, options);
  const call = async <Reply extends object>(operation: string, input: object): Promise<Partial<Reply>> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${operation}` };
    const reply = await client.send({ headers, body: JSON.stringify(input) }, readJson);
    return reply as Partial<Reply>; // the form of each reply is the API's
  };
  return {
    sendMessageBatch: input => call('SendMessageBatch', input),
    sendMessage: input => call('SendMessage', input).then(() => undefined),
    changeMessageVisibility: input => call('ChangeMessageVisibility', input).then(() => undefined),
    getQueueUrl: input => call('GetQueueUrl', input),
    getQueueAttributes: input => call('GetQueueAttributes', input),
    listMessageMoveTasks: input => call('ListMessageMoveTasks', input),
    startMessageMoveTask: input => call('StartMessageMoveTask', input).then(() => undefined),
  };
}
