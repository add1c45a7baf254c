import { answer } from './answer.ts';
import type { AnswerEvent } from './answer-event.ts';
import { type BudgetPorts, reserveBudget } from './budget.ts';
import { estimateSpend, type SpendBounds } from './estimate.ts';
import type { AnswerOptions, ChatPorts, Question } from './question.ts';
import { type LedgerPorts, recordUse } from './record-use.ts';
import { UsageMeter } from './usage-meter.ts';

/**
 * Answers within the budgets of the reader: reserves before the first call of a model what the answer may cost, and counts
 * what it did cost however it ends. With limits, `started` and `completed` tell what is left.
 * @throws AppFailure budget-spent, before the first event, and what `answer` throws
 */
export async function* answerWithinBudget(
  ports: ChatPorts & BudgetPorts & LedgerPorts,
  question: Question,
  options: AnswerOptions & SpendBounds,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  const reservation = await reserveBudget(ports, question.reader, estimateSpend(question, options), new Date());
  const meter = new UsageMeter(options.prices);
  let isSettled = false;
  const settle = async () => {
    isSettled = true;
    const { inputTokens, outputTokens, costUsd } = meter.total();
    const [left] = await Promise.all([
      reservation.settle({ tokens: inputTokens + outputTokens, usd: costUsd }),
      recordUse(ports, question.reader, meter, 1, new Date()),
    ]);
    return left;
  };
  try {
    for await (const event of answer(ports, question, options, signal, meter)) {
      if (event.type === 'started') yield { ...event, ...(reservation.left && { budget: reservation.left }) };
      else if (event.type !== 'completed' || !reservation.left) yield event;
      else {
        // Before the answer is told, so that the next question finds it counted.
        const budget = await settle();
        yield { ...event, ...(budget && { budget }) };
      }
    }
  } finally {
    if (!isSettled) await settle();
  }
}
