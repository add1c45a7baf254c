import pMap from 'p-map';
import type { DeadLetterQueues } from '../ports.ts';
import type { SqsClient } from './sqs-client.ts';

export interface DeadLetterQueue {
  readonly url: string;
  /** Where its messages go back to. */
  readonly workQueueArn: string;
}

/** Dead-letter queues in SQS: SQS itself moves their messages, however many. */
export function sqsDeadLetterQueues(client: SqsClient, queues: readonly DeadLetterQueue[]): DeadLetterQueues {
  async function redrive({ url, workQueueArn }: DeadLetterQueue) {
    const AttributeNames = ['QueueArn', 'ApproximateNumberOfMessages'] as const;
    const asked = await client.getQueueAttributes({ QueueUrl: url, AttributeNames: [...AttributeNames] });
    const { QueueArn = '', ApproximateNumberOfMessages = '0' } = asked.Attributes ?? {};
    const messages = Number(ApproximateNumberOfMessages);
    if (messages === 0) return undefined;
    const { Results = [] } = await client.listMessageMoveTasks({ SourceArn: QueueArn, MaxResults: 1 });
    // One task at a time moves a queue's messages; the one that runs takes these too.
    if (Results[0]?.Status !== 'RUNNING') {
      await client.startMessageMoveTask({ SourceArn: QueueArn, DestinationArn: workQueueArn });
    }
    return { queue: QueueArn.slice(QueueArn.lastIndexOf(':') + 1), messages };
  }

  return {
    async redrive() {
      const moved = await pMap(queues, redrive, { concurrency: 4 });
      return moved.filter(queue => queue !== undefined);
    },
  };
}
