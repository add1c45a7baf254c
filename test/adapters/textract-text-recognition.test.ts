import { TextractClient } from '@aws-sdk/client-textract';
import { afterEach, describe, expect, it } from 'vitest';
import { recognizedLines, textRecognition } from '../../lambdas/adapters/textract-text-recognition.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import { throttleOf } from '../../lambdas/throttling.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const options = {
  bucketName: 'documents-bucket',
  topicArn: 'arn:aws:sns:us-east-1:000000000000:recognized',
  roleArn: 'arn:aws:iam::000000000000:role/recognition',
};
const documentId = 'a1'.repeat(16);
const job = { documentId, version: 3, attempt: 2 };
const file = { key: 'documents/scans/Prüfung 1.pdf', s3VersionId: 'v7' };

/** A block as Textract writes it, with what nobody here reads left out. */
const block = (BlockType: string, Page: number, Text?: string, Top = 0.1) => ({
  ...{ BlockType, Page, Confidence: 99.1, Id: `${BlockType}-${Page}-${Top}` },
  ...(Text && { Text }),
  Geometry: { BoundingBox: { Width: 0.5, Height: 0.02, Left: 0.1, Top }, Polygon: [{ X: 0.1, Y: Top }] },
});
const refusal = (name: string, status = 400): ScriptedReply => ({
  status,
  body: { __type: `com.amazonaws.textract#${name}`, Message: 'no' },
});

describe('Amazon Textract', () => {
  let server: ScriptedServer;
  afterEach(() => server.close());

  const connect = async (...replies: ScriptedReply[]) => {
    server = await startScriptedServer((_, count) => replies[count - 1] ?? refusal('UnexpectedCall'));
    return new TextractClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      maxAttempts: 1,
    });
  };
  const linesOf = async (client: TextractClient) =>
    (await Array.fromAsync(recognizedLines(client).lines('job-1'))).flat();

  it('is asked for one version of an object, once for each attempt, and where to tell the end', async () => {
    const client = await connect({ status: 200, body: { JobId: 'job-1' } });
    await textRecognition(client, options).start(file, job);
    const [request] = server.requests;
    expect(request?.headers['x-amz-target']).toBe('Textract.StartDocumentTextDetection');
    expect(JSON.parse(request?.body ?? '')).toEqual({
      DocumentLocation: { S3Object: { Bucket: 'documents-bucket', Name: file.key, Version: 'v7' } },
      ClientRequestToken: `${documentId}-3-2`,
      JobTag: `${documentId}:3`,
      NotificationChannel: { SNSTopicArn: options.topicArn, RoleArn: options.roleArn },
    });
  });

  it('stays within what it takes as token and tag', async () => {
    const client = await connect({ status: 200, body: { JobId: 'job-1' } });
    await textRecognition(client, options).start(file, { documentId, version: 123_456, attempt: 1_234 });
    const { ClientRequestToken, JobTag } = JSON.parse(server.requests[0]?.body ?? '') as Record<string, string>;
    expect(ClientRequestToken).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(JobTag).toMatch(/^[a-zA-Z0-9_.\-:]{1,64}$/);
  });

  it.each(['UnsupportedDocumentException', 'DocumentTooLargeException', 'BadDocumentException'])(
    'never reads what it refuses: %s',
    async name => {
      const start = textRecognition(await connect(refusal(name)), options).start(file, job);
      await expect(start).rejects.toMatchObject({ name: 'UnreadableDocument', code: 'ocr-failed' });
    },
  );

  it.each([
    ['LimitExceededException', 400],
    ['ThrottlingException', 400],
    ['ProvisionedThroughputExceededException', 400],
    ['InternalServerError', 500],
  ])('is asked again later when it has too much to do: %s', async (name, status) => {
    const error = await textRecognition(await connect(refusal(name, status)), options)
      .start(file, job)
      .catch((thrown: unknown) => thrown);
    expect(throttleOf(error)).toBeDefined();
    if (name === 'LimitExceededException') expect(error).toBeInstanceOf(AppFailure);
  });

  it('gives the lines of all its pages of results, without pages and words', async () => {
    const client = await connect(
      {
        status: 200,
        body: {
          ...{ JobStatus: 'SUCCEEDED', DocumentMetadata: { Pages: 2 }, NextToken: 'more' },
          Blocks: [block('PAGE', 1), block('LINE', 1, 'Leave of absence'), block('WORD', 1, 'Leave')],
        },
      },
      { status: 200, body: { JobStatus: 'SUCCEEDED', Blocks: [block('LINE', 2, 'Thirty days', 0.25)] } },
    );
    expect(await linesOf(client)).toEqual([
      { page: 1, text: 'Leave of absence', top: 0.1, height: 0.02 },
      { page: 2, text: 'Thirty days', top: 0.25, height: 0.02 },
    ]);
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { JobId: 'job-1', MaxResults: 1000 },
      { JobId: 'job-1', MaxResults: 1000, NextToken: 'more' },
    ]);
  });

  it('gives what it could read when some pages failed', async () => {
    const body = {
      JobStatus: 'PARTIAL_SUCCESS',
      Blocks: [block('LINE', 1, 'A line')],
      Warnings: [{ ErrorCode: 'X', Pages: [2] }],
    };
    expect(await linesOf(await connect({ status: 200, body }))).toHaveLength(1);
  });

  it.each(['FAILED', 'IN_PROGRESS'])('gives no lines of a job that is %s', async JobStatus => {
    const lines = linesOf(await connect({ status: 200, body: { JobStatus, StatusMessage: 'why' } }));
    await expect(lines).rejects.toThrow(`is ${JobStatus}: why`);
  });

  it('fails when the results are gone', async () => {
    await expect(linesOf(await connect(refusal('InvalidJobIdException')))).rejects.toThrow();
  });
});
