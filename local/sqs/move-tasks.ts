import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID, type Caller } from '../contracts.ts';
import { SqsError } from './errors.ts';
import type { Service } from './operations.ts';

interface MoveTask {
  readonly TaskHandle: string;
  readonly Status: 'COMPLETED';
  readonly SourceArn: string;
  readonly DestinationArn?: string;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly StartedTimestamp: number;
}

/** Messages that go back from a dead-letter queue. On this machine a task is done as soon as it is begun. */
export class MoveTasks {
  readonly #service: Omit<Service, 'moveTasks'>;
  /** Newest first, by the queue that they came from. */
  readonly #done = new Map<string, MoveTask[]>();

  constructor(service: Omit<Service, 'moveTasks'>) {
    this.#service = service;
  }

  /** Needs what it does on both queues, as on AWS. @returns the task's handle */
  start(caller: Caller, sourceArn: string, destinationArn: string | undefined): string {
    const { iam, queues } = this.#service;
    const actions = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];
    for (const action of actions) iam.authorize(caller, `sqs:${action}`, sourceArn);
    const source = this.#queueOf(sourceArn);
    const sources = queues.sourcesOf(source);
    if (sources.length === 0) {
      throw new SqsError('UnsupportedOperation', `${source} is the dead-letter queue of no other queue.`);
    }
    const destination = destinationArn === undefined ? undefined : this.#queueOf(destinationArn);
    for (const name of destination === undefined ? sources : [destination]) {
      iam.authorize(caller, 'sqs:SendMessage', queues.arn(name));
    }
    const ApproximateNumberOfMessagesToMove = queues.counts(source).visible;
    const task: MoveTask = {
      TaskHandle: Buffer.from(`${randomUUID()} ${ACCOUNT_ID}`).toString('base64'),
      Status: 'COMPLETED',
      SourceArn: sourceArn,
      ...(destinationArn !== undefined && { DestinationArn: destinationArn }),
      ApproximateNumberOfMessagesMoved: queues.moveAll(source, destination),
      ApproximateNumberOfMessagesToMove,
      StartedTimestamp: Date.now(),
    };
    this.#done.set(source, [task, ...(this.#done.get(source) ?? [])].slice(0, 10));
    return task.TaskHandle;
  }

  list(caller: Caller, sourceArn: string, max: number): readonly Omit<MoveTask, 'TaskHandle'>[] {
    this.#service.iam.authorize(caller, 'sqs:ListMessageMoveTasks', sourceArn);
    const tasks = this.#done.get(this.#queueOf(sourceArn)) ?? [];
    return tasks.slice(0, max).map(({ TaskHandle: _, ...task }) => task); // the handle is told of running ones only
  }

  /** @throws SqsError ResourceNotFoundException */
  #queueOf(arn: string): string {
    const name = arn.slice(arn.lastIndexOf(':') + 1);
    if (!this.#service.queues.names().includes(name)) {
      throw new SqsError('ResourceNotFoundException', `The resource ${arn} does not exist.`);
    }
    return name;
  }
}
