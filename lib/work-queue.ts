import { Duration } from 'aws-cdk-lib';
import { type CfnFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { RESEND_FROM_RECEIVE } from '../lambdas/ingest/redelivery.ts';
import { acknowledge } from './acknowledge.ts';
import type { GroundworkFunction } from './groundwork-function.ts';

export interface WorkQueueProps {
  /** Timeout of the function that works on it; a message stays invisible for six times as long. */
  readonly workerTimeoutSeconds: number;
  /**
   * How often a message is received before it goes to the dead-letter queue. Receives that ended in a killed function or
   * in the first throttles count too, and a batch that is killed counts for all of its messages: so more than the tries
   * that a fault of the message itself is worth. @default 6
   */
  readonly maxReceiveCount?: number;
}

/** A queue with its dead-letter queue, both encrypted and reachable over TLS only. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { workerTimeoutSeconds, maxReceiveCount = 6 }: WorkQueueProps) {
    super(scope, id);
    if (maxReceiveCount <= RESEND_FROM_RECEIVE) {
      throw new RangeError(
        `maxReceiveCount must be above ${RESEND_FROM_RECEIVE}, for throttled messages to be sent anew.`,
      );
    }
    const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14) };
    this.deadLetters = new Queue(this, 'DeadLetters', { ...common, visibilityTimeout: Duration.minutes(6) });
    acknowledge(this.deadLetters, 'Serverless-SQSRedrivePolicy', 'It is itself a dead-letter queue.');
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(6 * workerTimeoutSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
  }

  /** @param options `maxConcurrency`: batches worked on at a time; `batchSize`: messages a batch, 1 to 10 */
  workedBy(
    worker: GroundworkFunction<Record<string, string>>,
    options: { maxConcurrency: number; batchSize: number },
  ): void {
    worker.function.addEventSource(new SqsEventSource(this.queue, { ...options, reportBatchItemFailures: true }));
    this.grantSend(worker); // throttled messages are sent anew
    // Lambda takes a function that sends to its own queue for a loop, and would stop it after some sixteen rounds. These
    // rounds end: a throttled message is given up in time, and each step of a job goes on from where the last one stopped.
    const resource = worker.function.node.defaultChild as CfnFunction; // a Function's default child is its CfnFunction
    resource.recursiveLoop = RecursiveLoop.ALLOW;
  }

  /** Lets `redriver` have dead letters sent back. SQS does it with the rights of whoever asks. */
  grantRedrive(redriver: GroundworkFunction<Record<string, string>>): void {
    const actions = [
      'StartMessageMoveTask',
      'ListMessageMoveTasks',
      'ReceiveMessage',
      'DeleteMessage',
      'GetQueueAttributes',
    ];
    redriver.allow(
      actions.map(action => `sqs:${action}`),
      [this.deadLetters.queueArn],
    );
    this.grantSend(redriver);
  }

  /** Lets `sender` put messages on the queue. */
  grantSend(sender: GroundworkFunction<Record<string, string>>): void {
    sender.allow(['sqs:SendMessage'], [this.queue.queueArn]);
  }
}
