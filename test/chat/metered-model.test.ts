import { describe, expect, it } from 'vitest';
import { meteredModel } from '../../lambdas/chat/metered-model.ts';
import { UsageMeter } from '../../lambdas/chat/usage-meter.ts';
import { AppFailure } from '../../lambdas/errors.ts';
import type { Prompt } from '../../lambdas/ports.ts';
import { fakeChatModel, type ReplyStep } from '../fakes/chat-model.ts';

const prompt: Prompt = {
  purpose: 'answer',
  system: 'Answer briefly.',
  messages: [{ role: 'user', text: 'How many steps does the tower have?' }],
};
const throttled = new AppFailure({ kind: 'service-unavailable', service: 'The chat model', retryAfterSeconds: 5 });

function metered(reply: readonly ReplyStep[]) {
  const price = { input: 1, output: 2 };
  const meter = new UsageMeter({ answer: price, condense: undefined, embedding: undefined });
  return { meter, model: meteredModel(fakeChatModel(reply), meter, 'answer') };
}

async function readAll(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

describe('a metered model', () => {
  it('counts what the model reports', async () => {
    const { meter, model } = metered(['212', ' steps']);
    await readAll(model.stream(prompt));
    expect(meter.total()).toMatchObject({ inputTokens: 100, outputTokens: 10 });
  });

  it('counts a call by estimate that is left midway', async () => {
    const { meter, model } = metered(['It has 212 steps', ' of oak']);
    for await (const _ of model.stream(prompt)) break;
    const { inputTokens, outputTokens, costUsd } = meter.total();
    expect(inputTokens).toBeGreaterThan(8);
    expect(outputTokens).toBeGreaterThan(2);
    expect(costUsd).toBeGreaterThan(0);
  });

  it('counts a call by estimate that breaks midway', async () => {
    const { meter, model } = metered(['It has 212 steps', throttled]);
    await expect(readAll(model.stream(prompt))).rejects.toBe(throttled);
    expect(meter.total().outputTokens).toBeGreaterThan(2);
  });

  it('counts the prompt when nobody waits for the first word', async () => {
    const { meter, model } = metered([new Promise(() => undefined)]);
    const controller = new AbortController();
    const reading = readAll(model.stream(prompt, controller.signal));
    controller.abort(throttled);
    await expect(reading).rejects.toBe(throttled);
    expect(meter.total().inputTokens).toBeGreaterThan(8);
  });

  it('counts nothing when the model took no call', async () => {
    const { meter, model } = metered([throttled]);
    await expect(readAll(model.stream(prompt))).rejects.toBe(throttled);
    expect(meter.total()).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: 0 });
  });
});
