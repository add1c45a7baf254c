/** Amazon Bedrock Runtime: InvokeModel for Titan embeddings, Converse and ConverseStream, answered without a model. */
import { AccessDenied, type Exchange, type Faults, type Handler, type Iam, type Log } from '../contracts.ts';
import { noFaults } from '../faults/faults.ts';
import { jsonError, jsonReply, REST_JSON } from '../wire.ts';
import { type GuardrailChoice, readConverseRequest } from './converse-request.ts';
import { BedrockError, invalid } from './errors.ts';
import { writeConverseStream } from './event-stream.ts';
import { type GuardedReply, guardedReplyTo } from './guarded-reply.ts';
import { createGuardrails, type Guardrail, type Guardrails } from './guardrails.ts';
import { type ModelReference, readModelId } from './model-id.ts';
import { invokeTitanEmbedding, TITAN_EMBEDDING_MODEL } from './titan-embedding.ts';

export interface BedrockOptions {
  readonly iam: Iam;
  readonly region: string;
  readonly log: Log;
  /** Pause before each piece of a stream. @default 0 */
  readonly pieceDelayMs?: number;
  /** @default nothing goes wrong on purpose */
  readonly faults?: Faults;
}

type Operation = 'invoke' | 'converse' | 'converse-stream';

const PATH = /^\/model\/([^/]+)\/(invoke|converse|converse-stream)$/;
const ACTIONS: Readonly<Record<Operation, string>> = {
  invoke: 'bedrock:InvokeModel',
  converse: 'bedrock:InvokeModel',
  'converse-stream': 'bedrock:InvokeModelWithResponseStream',
};

/** The Bedrock runtime as a handler behind the gateway. */
export function createBedrock(options: BedrockOptions): { handler: Handler; guardrails: Guardrails } {
  const { iam, region, log, pieceDelayMs = 0, faults = noFaults } = options;
  const explain = explainOnce(log);
  const guardrails = createGuardrails(region);
  const serve = async (exchange: Exchange) => {
    const startedAt = performance.now();
    const { operation, model } = readTarget(exchange, region);
    for (const { arn, context } of model.resources) iam.authorize(exchange.caller, ACTIONS[operation], arn, context);
    const body = await exchange.body();
    if (operation === 'invoke') {
      checkEmbeddingModel(model);
      const reply = invokeTitanEmbedding(body);
      explain.embedding();
      jsonReply(exchange.response, reply, REST_JSON);
      return;
    }
    checkChatModel(model);
    const request = readConverseRequest(body);
    const guardrail = request.guardrail && findGuardrail(guardrails, request.guardrail);
    if (guardrail) iam.authorize(exchange.caller, 'bedrock:ApplyGuardrail', guardrail.arn);
    const reply = guardedReplyTo(request, guardrail);
    if (guardrail) explain.guardrail();
    explain.chat(model);
    if (operation === 'converse') jsonReply(exchange.response, converseOutput(reply, startedAt), REST_JSON);
    else {
      const fault = faults.ofStream();
      const pacing = { ...fault, pieceDelayMs: pieceDelayMs + fault.pieceDelayMs, startedAt };
      const sent = await writeConverseStream(exchange.response, reply, pacing);
      if (sent < reply.pieces.length && fault.breakAfterPieces === undefined)
        log.line('bedrock', `the client ended the stream of ${model.modelId} after ${sent} pieces`);
    }
  };
  return {
    handler: exchange => serve(exchange).catch(error => replyError(exchange, error)),
    guardrails,
  };
}

function readTarget({ method, path }: Exchange, region: string): { operation: Operation; model: ModelReference } {
  const [, encodedId = '', operation] = PATH.exec(path) ?? [];
  if (method !== 'POST' || operation === undefined) {
    throw new BedrockError('UnknownOperationException', `The local Bedrock has no ${method} ${path}.`);
  }
  const model = readModelId(decodeModelId(encodedId), region);
  if (!model) throw invalid('The provided model identifier is invalid.');
  return { operation: operation as Operation, model }; // one of the alternatives of PATH
}

function decodeModelId(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw invalid('The provided model identifier is invalid.');
  }
}

function findGuardrail(guardrails: Guardrails, { identifier, version }: GuardrailChoice): Guardrail {
  const guardrail = guardrails.find(identifier, version);
  if (!guardrail) throw invalid('The guardrail identifier or version provided in the request does not exist.');
  return guardrail;
}

function checkEmbeddingModel({ modelId, foundationModelId }: ModelReference): void {
  if (foundationModelId === TITAN_EMBEDDING_MODEL) return;
  throw new BedrockError(
    'ResourceNotFoundException',
    `The local Bedrock has InvokeModel for ${TITAN_EMBEDDING_MODEL} alone, not for ${modelId}.`,
  );
}

function checkChatModel({ foundationModelId = '' }: ModelReference): void {
  if (!/\b(?:embed|rerank)/.test(foundationModelId)) return;
  throw invalid(
    "The action doesn't support the model that you provided. Try again with a supported text or chat model.",
  );
}

const converseOutput = ({ pieces, stopReason, usage, trace }: GuardedReply, startedAt: number) => ({
  output: { message: { role: 'assistant', content: [{ text: pieces.join('') }] } },
  stopReason,
  usage,
  metrics: { latencyMs: Math.round(performance.now() - startedAt) },
  ...(trace && { trace }),
});

/** Says once what stands in for a real model, so that nobody takes one for the other. */
function explainOnce(log: Log): { embedding(): void; guardrail(): void; chat(model: ModelReference): void } {
  const said = new Set<string>();
  const say = (text: string) => {
    if (said.has(text)) return;
    said.add(text);
    log.line('bedrock', text, 'info');
  };
  return {
    embedding: () => say('Local embeddings are hashes of words and word pieces, not those of Titan.'),
    guardrail: () =>
      say('The local guardrail knows blocked words and the examples of denied topics, and nothing else.'),
    chat: ({ modelId }) => {
      say('Local answers are extracted from the passages they are given, not generated.');
      say(`The local model answers for ${modelId}.`);
    },
  };
}

function replyError({ response }: Exchange, error: unknown): void {
  const known = error instanceof AccessDenied ? new BedrockError('AccessDeniedException', error.message) : error;
  if (!(known instanceof BedrockError)) throw error;
  jsonError(response, known.status, known.name, known.message, { contentType: REST_JSON });
}
