import { z } from 'zod';
import type { Iam, SqsServer } from '../../contracts.ts';
import { cfn, defineProvider, type ResourceProvider } from '../resource.ts';
import { policyDocument } from './policy-document.ts';

const queueProperties = z.object({
  QueueName: z.string().optional(),
  VisibilityTimeout: cfn.number.default(30),
  DelaySeconds: cfn.number.default(0),
  MessageRetentionPeriod: cfn.number.default(345_600),
  ReceiveMessageWaitTimeSeconds: cfn.number.default(0),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: cfn.number }).optional(),
});

/** Standard queues and their policies. */
export function sqsProviders({ sqs, iam }: { sqs: SqsServer; iam: Iam }): ResourceProvider[] {
  const queue = defineProvider({
    type: 'AWS::SQS::Queue',
    properties: queueProperties,
    handled: Object.keys(queueProperties.shape),
    recorded: ['KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled', 'Tags'],
    put(properties, { physicalName }) {
      const name = properties.QueueName ?? physicalName({ maxLength: 80 });
      const { RedrivePolicy: redrive } = properties;
      sqs.putQueue({
        name,
        visibilityTimeoutSeconds: properties.VisibilityTimeout,
        delaySeconds: properties.DelaySeconds,
        retentionSeconds: properties.MessageRetentionPeriod,
        receiveWaitSeconds: properties.ReceiveMessageWaitTimeSeconds,
        ...(redrive && {
          redrive: { deadLetterArn: redrive.deadLetterTargetArn, maxReceiveCount: redrive.maxReceiveCount },
        }),
      });
      const url = sqs.queueUrl(name);
      // The URL holds the port, which may move; the name identifies the queue.
      return { physicalId: name, ref: url, attributes: { Arn: sqs.queueArn(name), QueueName: name, QueueUrl: url } };
    },
    delete: (_, { physicalId }) => sqs.deleteQueue(physicalId),
  });

  const arnOf = (queueUrl: string) => sqs.queueArn(queueUrl.slice(queueUrl.lastIndexOf('/') + 1));
  const queuePolicy = defineProvider({
    type: 'AWS::SQS::QueuePolicy',
    properties: z.object({ Queues: cfn.strings, PolicyDocument: policyDocument }),
    handled: ['Queues', 'PolicyDocument'],
    put({ Queues, PolicyDocument }) {
      const arns = Queues.map(arnOf);
      for (const arn of arns) iam.putResourcePolicy(arn, PolicyDocument);
      const physicalId = arns.join();
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete({ Queues }) {
      for (const url of Queues) iam.putResourcePolicy(arnOf(url), undefined);
    },
  });
  return [queue, queuePolicy];
}
