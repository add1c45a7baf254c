import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSHandler, SQSRecord } from 'aws-lambda';
import { sqsClient } from '../adapters/sqs-client.ts';
import { deliveryOf, type Redeliver, sqsRedelivery } from '../adapters/sqs-redelivery.ts';
import { logger, metrics } from '../telemetry.ts';
import { throttleOf } from '../throttling.ts';
import { redeliveryOf } from './redelivery.ts';

const processor = new BatchProcessor(EventType.SQS);

export interface WorkContext {
  /** Milliseconds that are left of the function's time. */
  remainingMs(): number;
}

export interface SqsHandlerOptions {
  /** A queue that never gives a message up needs no resending. @default true */
  readonly givesUp?: boolean;
  readonly redeliver?: Redeliver;
}

/**
 * Makes a function's handler of `work` on one message's body. Messages of a batch are worked on side by side; each that
 * throws is logged, and it alone is tried again: soon, or, when a service was overloaded, with a growing delay and
 * without using up its receives.
 */
export function sqsHandler(
  work: (body: string, context: WorkContext) => Promise<void>,
  { givesUp = true, redeliver = sqsRedelivery(sqsClient()) }: SqsHandlerOptions = {},
): SQSHandler {
  /** @returns when a copy of the message was sent @throws the error when the message itself is to come back */
  const failed = async (record: SQSRecord, error: unknown): Promise<void> => {
    const { messageId } = record;
    const delivery = deliveryOf(record);
    const planned = redeliveryOf(error, delivery);
    const redelivery = givesUp ? planned : { ...planned, by: 'return' as const };
    logger.error('Message failed', { error, messageId, ...delivery, ...redelivery });
    if (throttleOf(error)) metrics.addMetric('MessagesThrottled', MetricUnit.Count, 1);
    try {
      await redeliver(record, delivery, redelivery);
    } catch (cause) {
      // It comes back nonetheless, after the queue's visibility timeout.
      logger.error('The message could not be returned early', { error: cause, messageId });
      throw error;
    }
    if (redelivery.by === 'return') throw error;
  };

  return async (event, context) => {
    logger.addContext(context);
    const remainingMs = () => context.getRemainingTimeInMillis();
    const workOnRecord = (record: SQSRecord) =>
      work(record.body, { remainingMs }).catch((error: unknown) => failed(record, error));
    try {
      return await processPartialResponse(event, workOnRecord, processor, { context, throwOnFullBatchFailure: false });
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
}
