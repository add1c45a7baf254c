import type { ConverseRequest } from './converse-request.ts';
import { type Assessment, assess, type Guardrail } from './guardrails.ts';
import { type Reply, replyTo } from './reply.ts';

/** What a trace tells of a guardrail. */
export interface GuardrailTrace {
  readonly inputAssessment?: Readonly<Record<string, Assessment>>;
  readonly outputAssessments?: Readonly<Record<string, readonly Assessment[]>>;
}

export interface GuardedReply extends Reply {
  readonly trace?: { readonly guardrail: GuardrailTrace };
}

/** The model's reply, or what the guardrail says in its place. */
export function guardedReplyTo(request: ConverseRequest, guardrail: Guardrail | undefined): GuardedReply {
  if (!guardrail) return replyTo(request);
  const { id, rules } = guardrail;
  const told = (trace: GuardrailTrace) => request.guardrail?.trace !== false && { trace: { guardrail: trace } };
  const input = assess(rules, request.guardedTexts);
  if (input) {
    const usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
    return { ...blocked(rules.blockedInput), usage, ...told({ inputAssessment: { [id]: input } }) };
  }
  const reply = replyTo(request);
  const output = assess(rules, [reply.pieces.join('')]);
  if (!output) return reply;
  return { ...blocked(rules.blockedOutput), usage: reply.usage, ...told({ outputAssessments: { [id]: [output] } }) };
}

const blocked = (message: string) => ({ pieces: [message], stopReason: 'guardrail_intervened' as const });
