import type { Reader } from '../conversation.ts';
import type { UsageLedger } from '../ports.ts';
import type { BudgetPorts } from './budget.ts';
import type { UsageMeter } from './usage-meter.ts';

export interface LedgerPorts extends Pick<BudgetPorts, 'notCounted'> {
  readonly ledger: Pick<UsageLedger, 'record'>;
}

/**
 * Writes down what the meter has counted, for the reports. Never fails: `notCounted` is told.
 * @param answers how many answers that was
 */
export async function recordUse(
  { ledger, notCounted }: LedgerPorts,
  { tenant, userId, name }: Reader,
  meter: UsageMeter,
  answers: number,
  now: Date,
): Promise<void> {
  const models = meter.byModel();
  if (models.length === 0) return;
  try {
    await ledger.record({ tenant, userId, ...(name !== undefined && { name }) }, now, { answers, models });
  } catch (error) {
    notCounted(error);
  }
}
