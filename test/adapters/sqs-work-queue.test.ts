import { afterEach, describe, expect, it } from 'vitest';
import { sqsClient } from '../../lambdas/adapters/sqs-client.ts';
import { sqsWorkQueue } from '../../lambdas/adapters/sqs-work-queue.ts';
import { type ScriptedReply, type ScriptedServer, startScriptedServer } from '../support/scripted-server.ts';

const reply = (...failedIds: string[]): ScriptedReply => ({
  status: 200,
  body: { Successful: [], Failed: failedIds.map(Id => ({ Id, SenderFault: false, Code: 'InternalError' })) },
});

describe('SendMessageBatch', () => {
  let server: ScriptedServer | undefined;
  afterEach(async () => {
    await server?.close();
  });
  const start = async (script: (count: number) => ScriptedReply) => {
    const started = await startScriptedServer((_, count) => script(count));
    server = started;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = sqsClient({ region: 'us-east-1', endpoint: started.url, credentials, waitMs: () => 0 });
    const queue = sqsWorkQueue<string>(client, 'https://sqs.us-east-1.amazonaws.com/111122223333/work');
    const entries = () => started.requests.map(({ body }) => JSON.parse(body).Entries.map(bodyOf));
    return { queue, entries, requests: started.requests };
  };
  const bodyOf = ({ MessageBody }: { MessageBody: string }) => JSON.parse(MessageBody);

  it('is sent as the API wants it, signed for SQS', async () => {
    const { queue, requests } = await start(() => reply());
    await queue.send(['a'], { delaySeconds: 5 });
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/' });
    expect(requests[0]?.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.SendMessageBatch',
      authorization: expect.stringContaining('/us-east-1/sqs/aws4_request'),
    });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/work',
      Entries: [{ Id: '0', MessageBody: '"a"', DelaySeconds: 5 }],
    });
  });

  it('sends again only what SQS refused of a batch', async () => {
    const { queue, entries } = await start(count => (count === 1 ? reply('1') : reply()));
    await queue.send(['a', 'b', 'c']);
    expect(entries()).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it('gives up at once on what is wrong with a message', async () => {
    const fault = { Id: '0', SenderFault: true, Code: 'InvalidMessageContents', Message: 'no such character' };
    const { queue, entries } = await start(() => ({ status: 200, body: { Successful: [], Failed: [fault] } }));
    await expect(queue.send(['a'])).rejects.toThrow('InvalidMessageContents no such character');
    expect(entries()).toHaveLength(1);
  });

  it('repeats a throttled call, and names the error that stays', async () => {
    const throttled = { status: 400, body: { __type: 'com.amazonaws.sqs#RequestThrottled', message: 'slow down' } };
    const { queue, requests } = await start(() => throttled);
    await expect(queue.send(['a'])).rejects.toMatchObject({ name: 'RequestThrottled', message: 'slow down' });
    expect(requests).toHaveLength(3);
  });
});
