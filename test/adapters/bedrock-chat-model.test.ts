import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bedrockChatModel } from '../../lambdas/adapters/bedrock-chat-model.ts';
import type { GuardrailUse } from '../../lambdas/adapters/bedrock-guardrail.ts';
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

interface ModelSample {
  readonly maxAttempts?: number;
  readonly temperature?: number;
  readonly guardrail?: GuardrailUse;
}

async function modelOn(replies?: readonly StubReply[], options: ModelSample = {}) {
  stub = await startBedrockStub(replies, options.maxAttempts);
  const model = bedrockChatModel(stub.client, { modelId, maxTokens: 500, ...options });
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
    ['breaks', ({ response }) => void response.destroy(new Error('cut'))],
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

  it('keeps the connection of a reply that was read', async () => {
    const { model, calls } = await modelOn([wholeReply]);
    // A reply's end is read beside what follows, so it may be the call after the next that finds the connection free.
    await vi.waitFor(async () => {
      await collect(model.stream(towerPrompt));
      expect(stub?.connections()).toBeLessThan(calls.length);
    });
  });

  it('ends the call of a reply that goes on after its end', async () => {
    const closed = Promise.withResolvers<void>();
    const { model } = await modelOn([
      async ({ response }) => {
        startStream(response);
        endStream(response, 'end_turn', {}, undefined, { open: true });
        sendText(response, 'and another thing');
        await once(response, 'close');
        closed.resolve();
      },
    ]);
    expect((await collect(model.stream(towerPrompt))).at(-1)).toMatchObject({ type: 'end' });
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

describe('bedrockChatModel with a guardrail', () => {
  const guardrail = { id: 'gr1', version: '3', trace: true, grounding: false };
  const parts = [
    { kind: 'context' as const, text: '<conversation-summary>S</conversation-summary>' },
    { kind: 'source' as const, text: '<source-abc id="1">The tower has 212 steps.</source-abc>' },
    { kind: 'question' as const, text: '<question>How many?</question>' },
  ];
  const text = parts.map(part => part.text).join('\n\n');
  const messages = [
    { role: 'user' as const, text: 'Hello?' },
    { role: 'assistant' as const, text: 'Hello.' },
    { role: 'user' as const, text, parts },
  ];
  const prompt = { ...towerPrompt, messages };

  it('has the passages and the question checked, and the answer before it is shown', async () => {
    const { model, calls } = await modelOn([wholeReply], { guardrail });
    await collect(model.stream(prompt));
    expect(calls[0]?.body).toMatchObject({
      messages: [
        { content: [{ text: 'Hello?' }] },
        { content: [{ text: 'Hello.' }] },
        {
          content: [
            { text: parts[0]?.text },
            { guardContent: { text: { text: parts[1]?.text } } },
            { guardContent: { text: { text: parts[2]?.text } } },
          ],
        },
      ],
      guardrailConfig: {
        guardrailIdentifier: 'gr1',
        guardrailVersion: '3',
        trace: 'enabled',
        streamProcessingMode: 'sync',
      },
    });
  });

  it('says what is compared with what, when it compares', async () => {
    const { model, calls } = await modelOn([wholeReply], {
      guardrail: { ...guardrail, trace: false, grounding: true },
    });
    await collect(model.stream(prompt));
    const sent = calls[0]?.body.messages as {
      content: { guardContent?: { text: { qualifiers: string[] } } }[];
    }[];
    expect(sent.at(-1)?.content.map(block => block.guardContent?.text.qualifiers)).toEqual([
      undefined,
      ['grounding_source', 'guard_content'],
      ['query', 'guard_content'],
    ]);
    expect(calls[0]?.body.guardrailConfig).toMatchObject({ trace: 'disabled' });
  });

  it('sends no guardrail and no blocks for one without', async () => {
    const { model, calls } = await modelOn([wholeReply]);
    await collect(model.stream(prompt));
    expect(calls[0]?.body).not.toHaveProperty('guardrailConfig');
    expect(calls[0]?.body.messages).toMatchObject([{}, {}, { content: [{ text }] }]);
  });

  it('tells which rules intervened, and nothing of what they found', async () => {
    const { model } = await modelOn(
      [
        ({ response }) => {
          startStream(response);
          sendText(response, 'Blocked.');
          endStream(
            response,
            'guardrail_intervened',
            {},
            {
              inputAssessment: {
                gr1: {
                  topicPolicy: { topics: [{ name: 'Salaries', type: 'DENY', action: 'BLOCKED' }] },
                  contentPolicy: {
                    filters: [
                      { type: 'PROMPT_ATTACK', confidence: 'HIGH', action: 'BLOCKED' },
                      { type: 'HATE', confidence: 'LOW', action: 'NONE' },
                    ],
                  },
                },
              },
              outputAssessments: {
                gr1: [
                  {
                    wordPolicy: { customWords: [{ match: 'secret word', action: 'BLOCKED' }], managedWordLists: [] },
                    sensitiveInformationPolicy: {
                      piiEntities: [{ match: 'ann@example.com', type: 'EMAIL', action: 'ANONYMIZED' }],
                      regexes: [],
                    },
                    contextualGroundingPolicy: {
                      filters: [{ type: 'GROUNDING', threshold: 0.7, score: 0.1, action: 'BLOCKED' }],
                    },
                  },
                ],
              },
            },
          );
        },
      ],
      { guardrail },
    );
    const events = await collect(model.stream(prompt));
    expect(events.at(-1)).toMatchObject({
      stopReason: 'guardrail_intervened',
      intervention: { policies: ['grounding', 'personal-data', 'prompt-attack', 'topic', 'word'] },
    });
    expect(JSON.stringify(events)).not.toMatch(/secret word|ann@/);
  });

  it('tells an intervention also when Bedrock does not say which rules', async () => {
    const { model } = await modelOn(
      [
        ({ response }) => {
          startStream(response);
          sendText(response, 'Blocked.');
          endStream(response, 'guardrail_intervened');
        },
      ],
      { guardrail },
    );
    expect((await collect(model.stream(prompt))).at(-1)).toMatchObject({ intervention: { policies: [] } });
  });
});
