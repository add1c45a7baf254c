import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { SQSHandler, SQSRecord } from 'aws-lambda';
import { logger, metrics } from '../telemetry.ts';

const processor = new BatchProcessor(EventType.SQS);

/**
 * Makes a function's handler of `work` on one message's body. Messages of a batch are worked on side by side; each that
 * throws is logged, and it alone is tried again.
 */
export const sqsHandler =
  (work: (body: string) => Promise<void>): SQSHandler =>
  async (event, context) => {
    logger.addContext(context);
    const workOnRecord = async (record: SQSRecord) => {
      try {
        await work(record.body);
      } catch (error) {
        const attempt = Number(record.attributes.ApproximateReceiveCount);
        logger.error('Message failed', { error, messageId: record.messageId, attempt });
        throw error;
      }
    };
    try {
      return await processPartialResponse(event, workOnRecord, processor, { context, throwOnFullBatchFailure: false });
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };
