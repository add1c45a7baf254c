import {
  type Block,
  GetDocumentTextDetectionCommand,
  StartDocumentTextDetectionCommand,
  type TextractClient,
} from '@aws-sdk/client-textract';
import { AppFailure, UnreadableDocument } from '../errors.ts';
import type { RecognizedLine, RecognizedLines, TextRecognition } from '../ports.ts';

export interface TextractOptions {
  readonly bucketName: string;
  /** Where the end of a job is announced, and the role by which Textract may do so. */
  readonly topicArn: string;
  readonly roleArn: string;
}

/** What it says of a file that it will never read. */
const refusals = new Set(['UnsupportedDocumentException', 'DocumentTooLargeException', 'BadDocumentException']);

/**
 * Amazon Textract's asynchronous text detection: PDF up to 500 MB and 3,000 pages, in an S3 bucket of the same region. It
 * reads the object with its caller's rights, and keeps the results for seven days.
 */
export const textRecognition = (client: TextractClient, options: TextractOptions): TextRecognition => ({
  async start({ key, s3VersionId }, { documentId, version, attempt }) {
    const command = new StartDocumentTextDetectionCommand({
      DocumentLocation: { S3Object: { Bucket: options.bucketName, Name: key, Version: s3VersionId } },
      ClientRequestToken: `${documentId}-${version}-${attempt}`,
      JobTag: `${documentId}:${version}`, // as `recognitionMessage` reads it
      NotificationChannel: { SNSTopicArn: options.topicArn, RoleArn: options.roleArn },
    });
    try {
      await client.send(command);
    } catch (error) {
      throw explained(error);
    }
  },
});

/** What Textract has recognized. */
export const recognizedLines = (client: TextractClient): RecognizedLines => ({
  async *lines(jobId) {
    let nextToken: string | undefined;
    do {
      const command = new GetDocumentTextDetectionCommand({ JobId: jobId, NextToken: nextToken, MaxResults: 1_000 });
      const { Blocks = [], JobStatus, NextToken, StatusMessage } = await client.send(command);
      if (JobStatus !== 'SUCCEEDED' && JobStatus !== 'PARTIAL_SUCCESS') {
        throw new Error(`Text detection ${jobId} is ${JobStatus}: ${StatusMessage ?? 'no reason given'}`);
      }
      yield Blocks.flatMap(lineOf);
      nextToken = NextToken;
    } while (nextToken);
  },
});

/** Pages and single words come as blocks too. */
function lineOf({ BlockType, Text, Page, Geometry }: Block): RecognizedLine[] {
  if (BlockType !== 'LINE' || !Text) return [];
  const { Top = 0, Height = 0 } = Geometry?.BoundingBox ?? {};
  return [{ page: Page ?? 1, text: Text, top: Top, height: Height }];
}

function explained(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (refusals.has(error.name)) {
    const message =
      'Its letters cannot be recognized: the file is damaged, protected or too large. Upload it with text.';
    return new UnreadableDocument('ocr-failed', message, { cause: error });
  }
  // Too many jobs at a time.
  if (error.name !== 'LimitExceededException') return error;
  const kind = 'service-unavailable';
  return new AppFailure({ kind, service: 'Text recognition', retryAfterSeconds: 60 }, { cause: error });
}
