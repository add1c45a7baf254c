import {
  BedrockRuntimeClient,
  type BedrockRuntimeClient as Client,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBedrock } from '../../local/bedrock/bedrock.ts';
import type { Guardrails } from '../../local/bedrock/guardrails.ts';
import type { Log, PolicyStatement } from '../../local/contracts.ts';
import { type Gateway, startGateway } from '../../local/gateway.ts';
import { createIam } from '../../local/iam/iam.ts';
import { createIdentify } from '../../local/identity.ts';

const region = 'eu-central-1';
const titan = 'amazon.titan-embed-text-v2:0';
const nova = 'eu.amazon.nova-2-lite-v1:0';
const profileArn = `arn:aws:bedrock:${region}:000000000000:inference-profile/${nova}`;
const modelArn = `arn:aws:bedrock:${region}::foundation-model/amazon.nova-2-lite-v1:0`;
const iam = createIam();
const lines: string[] = [];
const log: Log = { line: (source, text) => lines.push(`${source}: ${text}`) };

let gateway: Gateway;
let guardrails: Guardrails;
const gateways: Gateway[] = [];
const clients: Client[] = [];

async function start(pieceDelayMs = 0): Promise<void> {
  const bedrock = createBedrock({ iam, region, log, pieceDelayMs });
  guardrails = bedrock.guardrails;
  gateway = await startGateway({
    port: 0,
    routes: { bedrock: bedrock.handler },
    identify: createIdentify({ iam }),
    log,
  });
  gateways.push(gateway);
}
beforeAll(() => start());
afterAll(async () => {
  for (const started of gateways) await started.close();
});
beforeEach(() => {
  lines.length = 0;
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

function clientOf(credentials = { accessKeyId: 'test', secretAccessKey: 'test' }): Client {
  const client = new BedrockRuntimeClient({ region, endpoint: gateway.url, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
}

const trustLambda: PolicyStatement = {
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
};
/** The client of a function whose role allows just this. */
function clientAllowed(...Statement: PolicyStatement[]): Client {
  const arn = `arn:aws:iam::000000000000:role/r${Math.random()}`;
  iam.putRole({ arn, name: 'chat', trust: { Statement: [trustLambda] }, policies: [{ Statement }] });
  return clientOf(iam.issueCredentials(arn, 'chat'));
}

const signal = () => ({ abortSignal: AbortSignal.timeout(10_000) });

async function embed(body: unknown, client = clientOf(), modelId = titan) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const reply = await client.send(new InvokeModelCommand({ modelId, body: text }), signal());
  return JSON.parse(reply.body.transformToString());
}

const passage = 'Buckets may have versioning.\n\nA bucket name has 3 to 63 characters.\n\nTags cost nothing.';
const answerPrompt = (question: string, text = passage) =>
  `<source-k3x id="7" title="Naming &amp; rules">\n${text}\n</source-k3x>\n\n<question>${question}</question>`;

const converseInput = (text: string, more: Partial<ConverseCommandInput> = {}): ConverseCommandInput => ({
  modelId: nova,
  messages: [{ role: 'user', content: [{ text }] }],
  inferenceConfig: { maxTokens: 500 },
  requestMetadata: { purpose: 'answer' },
  ...more,
});
const converse = (input: ConverseCommandInput, client = clientOf()) =>
  client.send(new ConverseCommand(input), signal());

describe('embeddings', () => {
  it('answers with a vector of length 1 in the dimension asked for', async () => {
    for (const dimensions of [1024, 512, 256]) {
      const { embedding, inputTextTokenCount } = await embed({ inputText: 'Hello world', dimensions });
      expect(embedding).toHaveLength(dimensions);
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 6);
      expect(inputTextTokenCount).toBe(3);
    }
  });

  it('gives 1024 values when no dimension is asked for, and binary ones on request', async () => {
    const { embedding, embeddingsByType } = await embed({ inputText: 'Hello', embeddingTypes: ['binary'] });
    expect(embedding).toBeUndefined();
    expect(embeddingsByType.binary).toHaveLength(1024);
    expect(new Set(embeddingsByType.binary)).toEqual(new Set([0, 1]));
  });

  it.each([
    ['an empty text', { inputText: '' }, /expected minLength: 1, actual: 0/],
    ['more than 50,000 characters', { inputText: 'a'.repeat(50_001) }, /expected maxLength: 50000, actual: 50001/],
    ['more than 8,192 tokens', { inputText: '文'.repeat(9000) }, /Too many input tokens. Max input tokens: 8192/],
    ['a dimension Titan lacks', { inputText: 'a', dimensions: 300 }, /#\/dimensions: 300/],
    ['no text', { dimensions: 256 }, /required key \[inputText\] not found/],
    ['an unknown field', { inputText: 'a', texts: [] }, /extraneous key \[texts\] is not permitted/],
    ['a body that is not JSON', '{', /Malformed input request/],
  ])('refuses %s', async (_, body, message) => {
    await expect(embed(body)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
    });
  });

  it('has InvokeModel for no other model', async () => {
    await expect(embed({ inputText: 'a' }, clientOf(), 'cohere.embed-v4:0')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('says once that they are not those of Titan', async () => {
    await start();
    await embed({ inputText: 'a' });
    await embed({ inputText: 'b' });
    expect(lines.filter(line => /not those of Titan/.test(line))).toHaveLength(1);
  });
});

describe('Converse', () => {
  it('answers in the words of the passage, with its mark, usage and latency', async () => {
    const reply = await converse(converseInput(answerPrompt('How many characters may a bucket name have?')));
    expect(reply.output?.message).toEqual({
      role: 'assistant',
      content: [{ text: 'A bucket name has 3 to 63 characters. [7]' }],
    });
    expect(reply.stopReason).toBe('end_turn');
    const { inputTokens = 0, outputTokens = 0, totalTokens } = reply.usage ?? {};
    expect(inputTokens).toBeGreaterThan(20);
    expect(outputTokens).toBeGreaterThan(5);
    expect(totalTokens).toBe(inputTokens + outputTokens);
    expect(reply.metrics?.latencyMs).toBeGreaterThanOrEqual(0);
  });

  it('replies with the marker when the passages say nothing of it', async () => {
    const reply = await converse(converseInput(answerPrompt('Who painted the Mona Lisa in Florence?')));
    expect(reply.output?.message?.content).toEqual([{ text: '[no-answer]' }]);
  });

  it.each([
    ['title', { question: 'What is a bucket?', answer: 'A box.' }, 'What is a bucket'],
    [
      'summarize',
      { turns: [{ question: 'What is a bucket?', answer: 'A box. It is big.' }] },
      'What is a bucket? A box.',
    ],
  ])('notes down what it is told when it is asked to %s', async (purpose, material, text) => {
    const reply = await converse(converseInput(JSON.stringify(material), { requestMetadata: { purpose } }));
    expect(reply.output?.message?.content).toEqual([{ text }]);
  });

  it('rewrites a follow-up when it is asked to condense', async () => {
    const reply = await converse({
      ...converseInput('', { requestMetadata: { purpose: 'condense' } }),
      messages: [
        { role: 'user', content: [{ text: 'How do I enable MFA delete on a bucket?' }] },
        { role: 'assistant', content: [{ text: 'With the root account.' }] },
        { role: 'user', content: [{ text: '<question>And how do I turn it off?</question>' }] },
      ],
    });
    expect(reply.output?.message?.content?.[0]?.text).toBe('And how do I turn it off? (enable MFA delete bucket)');
  });

  it('cuts the reply at maxTokens and says so', async () => {
    const input = converseInput(answerPrompt('How many characters may a bucket name have?'), {
      inferenceConfig: { maxTokens: 5 },
    });
    const reply = await converse(input);
    expect(reply.stopReason).toBe('max_tokens');
    expect(reply.output?.message?.content?.[0]?.text).toBe('A bucket name has ');
    expect(reply.usage?.outputTokens).toBeLessThanOrEqual(5);
  });

  it('ends before a stop sequence', async () => {
    const input = converseInput(answerPrompt('How many characters may a bucket name have?'), {
      inferenceConfig: { maxTokens: 500, stopSequences: [' [7]'] },
    });
    const reply = await converse(input);
    expect(reply.stopReason).toBe('stop_sequence');
    expect(reply.output?.message?.content?.[0]?.text).toBe('A bucket name has 3 to 63 characters.');
  });

  it('says that answers are extracted, and for which model it answers, once each', async () => {
    await start();
    await converse(converseInput(answerPrompt('bucket name?')));
    await converse(converseInput(answerPrompt('bucket name?')));
    expect(lines).toEqual([
      'bedrock: Local answers are extracted from the passages they are given, not generated.',
      `bedrock: The local model answers for ${nova}.`,
    ]);
  });

  const user = { role: 'user' as const, content: [{ text: 'a' }] };
  const assistant = { role: 'assistant' as const, content: [{ text: 'b' }] };
  it.each([
    ['no message', { messages: [] }, /must start with a user message/],
    ['a conversation that the assistant starts', { messages: [assistant, user] }, /must start with a user message/],
    ['two user messages in a row', { messages: [user, user] }, /must alternate/],
    ['a conversation that the assistant ends', { messages: [user, assistant] }, /must end with a user message/],
    ['an empty message', { messages: [{ role: 'user' as const, content: [] }] }, /messages\.0 is empty/],
    [
      'a blank text',
      { messages: [{ role: 'user' as const, content: [{ text: ' ' }] }] },
      /messages\.0\.content\.0 is blank/,
    ],
    ['maxTokens of 0', { inferenceConfig: { maxTokens: 0 } }, /inferenceConfig\.maxTokens/],
    ['a temperature of 2', { inferenceConfig: { temperature: 2 } }, /inferenceConfig\.temperature/],
    ['an embedding model', { modelId: titan }, /doesn't support the model/],
    ['an id that no model has', { modelId: 'my model' }, /model identifier is invalid/],
    [
      'an unknown guardrail',
      { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } },
      /does not exist/,
    ],
  ])('refuses %s', async (_, more, message) => {
    await expect(converse(converseInput('a', more))).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('ConverseStream', () => {
  it('sends the same text in pieces, between its start and its end', async () => {
    const input = converseInput(answerPrompt('How many characters may a bucket name have?'));
    const whole = await converse(input);
    const { stream = [] } = await clientOf().send(new ConverseStreamCommand(input), signal());
    const types: string[] = [];
    const pieces: string[] = [];
    for await (const event of stream) {
      types.push(Object.keys(event)[0] ?? '');
      if (event.contentBlockDelta) pieces.push(event.contentBlockDelta.delta?.text ?? '');
      if (event.messageStop) expect(event.messageStop.stopReason).toBe('end_turn');
      if (event.metadata) {
        expect(event.metadata.usage).toEqual(whole.usage);
        expect(event.metadata.metrics?.latencyMs).toBeGreaterThanOrEqual(0);
      }
    }
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(whole.output?.message?.content?.[0]?.text);
    expect([...new Set(types)]).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
  });

  it('survives a client that hangs up midway', async () => {
    await start(50);
    const hangUp = new AbortController();
    const input = converseInput(answerPrompt('How many characters may a bucket name have?'));
    const { stream = [] } = await clientOf().send(new ConverseStreamCommand(input), { abortSignal: hangUp.signal });
    for await (const event of stream) if (event.contentBlockDelta) break;
    hangUp.abort();
    expect((await converse(input)).stopReason).toBe('end_turn');
    expect(lines.filter(line => line.startsWith('gateway'))).toEqual([]);
  });
});

describe('who may', () => {
  const invoke = 'bedrock:InvokeModel';
  const allow = (
    Action: string,
    Resource: string | string[],
    Condition?: PolicyStatement['Condition'],
  ): PolicyStatement => ({
    Effect: 'Allow',
    Action,
    Resource,
    ...(Condition && { Condition }),
  });
  const throughProfile = { StringLike: { 'bedrock:InferenceProfileArn': profileArn } };
  const prompt = converseInput(answerPrompt('bucket name?'));

  it('needs the foundation model alone for a base id', async () => {
    const client = clientAllowed(allow(invoke, `arn:aws:bedrock:${region}::foundation-model/${titan}`));
    await expect(embed({ inputText: 'a' }, client)).resolves.toBeDefined();
  });

  it('needs the profile and its foundation model for a profile, by id and by ARN', async () => {
    const client = clientAllowed(allow(invoke, profileArn), allow(invoke, modelArn, throughProfile));
    await expect(converse(prompt, client)).resolves.toBeDefined();
    await expect(converse({ ...prompt, modelId: profileArn }, client)).resolves.toBeDefined();
  });

  it.each([
    ['the profile alone', [allow(invoke, profileArn)], modelArn],
    ['the model alone', [allow(invoke, modelArn)], profileArn],
    [
      'the model through another profile',
      [
        allow(invoke, profileArn),
        allow(invoke, modelArn, { StringLike: { 'bedrock:InferenceProfileArn': `${profileArn}x` } }),
      ],
      modelArn,
    ],
    ['streams alone', [allow('bedrock:InvokeModelWithResponseStream', [profileArn, modelArn])], profileArn],
  ])('denies Converse to whom %s is allowed, naming what is missing', async (_, statements, missing) => {
    await expect(converse(prompt, clientAllowed(...statements))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(missing),
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('judges a stream by its own action', async () => {
    const command = new ConverseStreamCommand(prompt);
    await expect(clientAllowed(allow(invoke, [profileArn, modelArn])).send(command, signal())).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const streaming = clientAllowed(allow('bedrock:InvokeModelWithResponseStream', [profileArn, modelArn]));
    await expect(streaming.send(command, signal())).resolves.toBeDefined();
  });
});

it('answers HTTP/1.1 as it does HTTP/2', async () => {
  const response = await fetch(`${gateway.url}/model/${encodeURIComponent(titan)}/invoke`, {
    method: 'POST',
    signal: AbortSignal.timeout(10_000),
    body: JSON.stringify({ inputText: '' }),
    headers: {
      'x-amz-date': new Date().toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20261121/eu-central-1/bedrock/aws4_request, SignedHeaders=host, Signature=0',
    },
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-errortype')).toBe('ValidationException');
});

describe('a guardrail', () => {
  const question = answerPrompt('How long is a bucket name?');
  const [source = '', asked = ''] = question.split('\n\n<question>');
  const rules = { blockedInput: 'Not asked here.', blockedOutput: 'Not said here.', words: [], topics: [] };
  const guardedInput = (text: string, trace: 'enabled' | 'disabled' = 'enabled'): ConverseCommandInput => ({
    ...converseInput(''),
    messages: [
      {
        role: 'user',
        content: [
          { guardContent: { text: { text: source } } },
          { guardContent: { text: { text: `<question>${text}` } } },
        ],
      },
    ],
    guardrailConfig: { guardrailIdentifier: 'gr1', guardrailVersion: '1', trace },
  });
  const textIn = async (input: ConverseCommandInput, client?: Client) => {
    const { output, stopReason, trace, usage } = await converse(input, client);
    return { text: output?.message?.content?.[0]?.text, stopReason, trace, usage };
  };
  const putRules = (more: object) => {
    guardrails.put('gr1', { ...rules, ...more });
    guardrails.putVersion('gr1', '1');
  };

  it('lets pass what is not against its rules, read from its blocks', async () => {
    putRules({ words: ['nightjar'] });
    expect(await textIn(guardedInput(asked))).toMatchObject({
      stopReason: 'end_turn',
      text: expect.stringContaining('63'),
    });
  });

  it.each([
    ['a blocked word in the question', { words: ['Nightjar'] }, 'What is a nightjar?</question>', 'word'],
    ['a blocked phrase in a passage', { words: ['3 to 63'] }, asked, 'word'],
    [
      'an example of a denied topic',
      { topics: [{ name: 'Pay', examples: ['what does ann earn'] }] },
      'What does Ann earn?',
      'topic',
    ],
  ])('stops at %s before the model is asked', async (_, more, text, policy) => {
    putRules(more);
    const reply = await textIn(guardedInput(text));
    expect(reply).toMatchObject({
      text: 'Not asked here.',
      stopReason: 'guardrail_intervened',
      usage: { inputTokens: 0 },
    });
    expect(reply.trace?.guardrail?.inputAssessment?.gr1).toHaveProperty(`${policy}Policy`);
    expect((await textIn(guardedInput(text, 'disabled'))).trace).toBeUndefined();
  });

  it('looks at guarded blocks alone when there are some, and at the answer', async () => {
    putRules({ words: ['63 characters'] });
    const [first] = guardedInput(asked).messages ?? [];
    const content = [{ text: source }, ...(first?.content?.slice(1) ?? [])];
    const reply = await textIn({ ...guardedInput(asked), messages: [{ role: 'user', content }] });
    expect(reply).toMatchObject({ text: 'Not said here.', stopReason: 'guardrail_intervened' });
    expect(reply.trace?.guardrail?.outputAssessments?.gr1?.[0]).toHaveProperty('wordPolicy');
  });

  it('tells its trace in the last event of a stream', async () => {
    putRules({ words: ['63'] });
    const { stream = [] } = await clientOf().send(new ConverseStreamCommand(guardedInput(asked)), signal());
    let last: unknown;
    for await (const event of stream) last = event;
    expect(last).toMatchObject({ metadata: { trace: { guardrail: { inputAssessment: { gr1: {} } } } } });
  });

  it('needs the permission to apply it, and one version of it', async () => {
    putRules({});
    const model: PolicyStatement = { Effect: 'Allow', Action: 'bedrock:InvokeModel', Resource: [profileArn, modelArn] };
    const apply: PolicyStatement = {
      ...{ Effect: 'Allow', Action: 'bedrock:ApplyGuardrail' },
      Resource: `arn:aws:bedrock:${region}:000000000000:guardrail/gr1`,
    };
    await expect(textIn(guardedInput(asked), clientAllowed(model))).rejects.toThrow(/bedrock:ApplyGuardrail/);
    expect(await textIn(guardedInput(asked), clientAllowed(model, apply))).toMatchObject({ stopReason: 'end_turn' });
  });
});
