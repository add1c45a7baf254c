import { afterAll, beforeAll, describe } from 'vitest';
import { bedrockChatModel } from '../../lambdas/adapters/bedrock-chat-model.ts';
import { type BedrockStub, startBedrockStub } from '../adapters/bedrock-stub.ts';
import { fakeChatModel } from '../fakes/chat-model.ts';
import { type LocalServices, startLocalServices } from '../support/local-services.ts';
import { chatModelContract } from './chat-model.ts';

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
