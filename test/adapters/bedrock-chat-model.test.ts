import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { bedrockChatModel } from '../../lambdas/adapters/bedrock-chat-model.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import type { ChatModelEvent } from '../../lambdas/ports.ts';
import { collect, textOf, towerPrompt } from '../contracts/chat-model.ts';
import {
  type BedrockStub,
  endStream,
  refuse,
  type StubReply,
  sendException,
  sendText,
  startBedrockStub,
  startStream,
} from './bedrock-stub.ts';

const modelId = 'us.amazon.nova-2-lite-v1:0';
const unavailable = { error: { kind: 'service-unavailable', service: 'The chat model' } };

let stub: BedrockStub | undefined;
afterEach(async () => {
  expect(stub?.failures ?? []).toEqual([]);
  await stub?.close();
  stub = undefined;
});

async function modelOn(replies?: readonly StubReply[], options: { maxAttempts?: number; temperature?: number } = {}) {
  stub = await startBedrockStub(replies, options.maxAttempts);
  const model = bedrockChatModel(stub.client, { modelId, maxTokens: 500, temperature: options.temperature });
  return { model, calls: stub.calls };
}

const wholeReply: StubReply = ({ response }) => {
  startStream(response);
  sendText(response, 'It has 212 steps [1].');
  endStream(response, 'max_tokens');
};

/** Reads until the stream fails. @returns what came before */
async function readUntilFailure(events: AsyncIterable<ChatModelEvent>) {
  const read: ChatModelEvent[] = [];
  try {
    for await (const event of events) read.push(event);
  } catch (error) {
    return { read, error };
  }
  throw new Error('The stream did not fail.');
}

describe('bedrockChatModel', () => {
  it('sends the prompt, its purpose and its limits', async () => {
    const { model, calls } = await modelOn([wholeReply], { temperature: 0 });
    await collect(model.stream(towerPrompt));
    expect(calls[0]).toMatchObject({
      path: '/model/us.amazon.nova-2-lite-v1%3A0/converse-stream',
      body: {
        system: [{ text: towerPrompt.system }],
        messages: [{ role: 'user', content: [{ text: towerPrompt.messages[0]?.text }] }],
        inferenceConfig: { maxTokens: 500, temperature: 0 },
        requestMetadata: { purpose: 'answer' },
      },
    });
  });

  it('leaves the temperature to the model when none is set', async () => {
    const { model, calls } = await modelOn([wholeReply]);
    await collect(model.stream(towerPrompt));
    expect(calls[0]?.body.inferenceConfig).toEqual({ maxTokens: 500 });
  });

  it('passes on why the model ended and what it used', async () => {
    const { model } = await modelOn([wholeReply]);
    const events = await collect(model.stream(towerPrompt));
    expect(events.at(-1)).toEqual({ type: 'end', stopReason: 'max_tokens', inputTokens: 40, outputTokens: 7 });
  });

  it('counts what the prompt cache held as input, and apart', async () => {
    const { model } = await modelOn([
      ({ response }) => {
        startStream(response);
        sendText(response, 'It has 212 steps [1].');
        endStream(response, 'end_turn', { cacheReadInputTokens: 2_000, cacheWriteInputTokens: 300 });
      },
    ]);
    const events = await collect(model.stream(towerPrompt));
    expect(events.at(-1)).toEqual({
      ...{ type: 'end', stopReason: 'end_turn', inputTokens: 2_340, outputTokens: 7 },
      ...{ cacheReadTokens: 2_000, cacheWriteTokens: 300 },
    });
  });

  it.each([
    [429, 'ThrottlingException'],
    [503, 'ServiceUnavailableException'],
    [500, 'InternalServerException'],
  ])('tries again after a %d before the first event', async (status, type) => {
    const { model, calls } = await modelOn([({ response }) => refuse(response, status, type), wholeReply]);
    expect(textOf(await collect(model.stream(towerPrompt)))).toContain('212');
    expect(calls).toHaveLength(2);
  });

  it('says that the model is unavailable when tries do not help', async () => {
    const { model, calls } = await modelOn([({ response }) => refuse(response, 429, 'ThrottlingException')], {
      maxAttempts: 2,
    });
    const failure = collect(model.stream(towerPrompt));
    await expect(failure).rejects.toMatchObject(unavailable);
    await expect(failure).rejects.toHaveProperty('cause.name', 'ThrottlingException');
    expect(calls).toHaveLength(2);
  });

  it('says so when nothing answers at all', async () => {
    const { model } = await modelOn([], { maxAttempts: 1 });
    await stub?.close();
    stub = undefined;
    await expect(collect(model.stream(towerPrompt))).rejects.toMatchObject(unavailable);
  });

  it.each([
    'throttlingException',
    'modelStreamErrorException',
    'internalServerException',
    'serviceUnavailableException',
  ])('takes a %s midway for an outage, and does not repeat what was passed on', async type => {
    const { model, calls } = await modelOn([
      ({ response }) => {
        startStream(response);
        sendText(response, 'It has ');
        sendException(response, type, 'midway');
        response.end();
      },
    ]);
    const { read, error } = await readUntilFailure(model.stream(towerPrompt));
    expect(read).toEqual([{ type: 'text', text: 'It has ' }]);
    expect(error).toMatchObject(unavailable);
    expect(calls).toHaveLength(1);
  });

  it.each<[string, StubReply]>([
    ['ends', ({ response }) => void response.end()],
    ['breaks', ({ response }) => void response.stream.destroy(new Error('cut'))],
  ])('takes a stream that %s before the model has ended for an outage', async (_, cut) => {
    const { model } = await modelOn([
      async call => {
        startStream(call.response);
        sendText(call.response, 'It has ');
        await new Promise(resolve => setTimeout(resolve, 20));
        await cut(call);
      },
    ]);
    const { error } = await readUntilFailure(model.stream(towerPrompt));
    expect(error).toMatchObject(unavailable);
  });

  it('does not call a faulty request an outage', async () => {
    const { model, calls } = await modelOn([({ response }) => refuse(response, 400, 'ValidationException')]);
    const { error } = await readUntilFailure(model.stream(towerPrompt));
    expect(error).not.toBeInstanceOf(AppFailure);
    expect(error).toHaveProperty('name', 'ValidationException');
    expect(calls).toHaveLength(1);
  });

  it('ends the call at once when the signal aborts, also while the model is silent', async () => {
    const closed = Promise.withResolvers<void>();
    const { model } = await modelOn([
      async ({ response }) => {
        startStream(response);
        sendText(response, 'It has ');
        await once(response, 'close');
        closed.resolve();
      },
    ]);
    const controller = new AbortController();
    const events = model.stream(towerPrompt, controller.signal)[Symbol.asyncIterator]();
    await events.next();
    const silent = events.next();
    const gone = new Error('nobody listens');
    controller.abort(gone);
    await expect(silent).rejects.toBe(gone);
    await closed.promise;
  });

  it('ends the call when its reader leaves', async () => {
    const closed = Promise.withResolvers<void>();
    const { model } = await modelOn([
      async ({ response }) => {
        startStream(response);
        sendText(response, 'It has ');
        await once(response, 'close');
        closed.resolve();
      },
    ]);
    for await (const event of model.stream(towerPrompt)) if (event.type === 'text') break;
    await closed.promise;
  });
});
