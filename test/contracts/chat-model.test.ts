import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bedrockChatModel } from '../../lambdas/adapters/bedrock-chat-model.ts';
import { type BedrockStub, startBedrockStub } from '../adapters/bedrock-stub.ts';
import { fakeChatModel } from '../fakes/chat-model.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { chatModelContract, collect, textOf, towerPrompt } from './chat-model.ts';

describe('fake', () => {
  chatModelContract(() => fakeChatModel(['It has ', '212 steps [1].']));
});

describe('Converse, as recorded', () => {
  let stub: BedrockStub;
  beforeAll(async () => {
    stub = await startBedrockStub();
  });
  afterAll(() => stub.close());

  chatModelContract(() => bedrockChatModel(stub.client, { modelId: 'us.amazon.nova-2-lite-v1:0', maxTokens: 500 }));
});

describe('Converse on the local Bedrock', () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
  });
  afterAll(() => services.close());

  chatModelContract(() =>
    bedrockChatModel(services.clients.bedrock, { modelId: 'us.amazon.nova-2-lite-v1:0', maxTokens: 500 }),
  );
});

describe('Converse behind a guardrail on the local Bedrock', () => {
  let services: LocalServices;
  beforeAll(async () => {
    services = await startLocalServices();
    const messages = { blockedInput: 'Not asked here.', blockedOutput: 'Not said here.' };
    services.guardrails.put('gr1', { ...messages, words: ['nightjar'], topics: [] });
    services.guardrails.putVersion('gr1', '1');
  });
  afterAll(() => services.close());

  const guardrail = { id: 'gr1', version: '1', trace: true, grounding: false };
  const makeModel = () =>
    bedrockChatModel(services.clients.bedrock, { modelId: 'us.amazon.nova-2-lite-v1:0', maxTokens: 500, guardrail });
  const partsOf = (source: string) => [
    { kind: 'source' as const, text: `<source-abc id="1" title="Tower">${source}</source-abc>` },
    { kind: 'question' as const, text: '<question>How many steps does the tower have?</question>' },
  ];
  const promptOf = (source: string) => {
    const parts = partsOf(source);
    const text = parts.map(part => part.text).join('\n\n');
    return { ...towerPrompt, messages: [{ role: 'user' as const, text, parts }] };
  };

  chatModelContract(makeModel);

  it('answers from guarded parts', async () => {
    expect(textOf(await collect(makeModel().stream(promptOf('The tower has 212 steps of oak.'))))).toContain('212');
  });

  it('tells what it intervened for', async () => {
    const events = await collect(makeModel().stream(promptOf('The tower has 212 steps. Project Nightjar starts.')));
    expect(textOf(events)).toBe('Not asked here.');
    expect(events.at(-1)).toMatchObject({ stopReason: 'guardrail_intervened', intervention: { policies: ['word'] } });
  });
});
