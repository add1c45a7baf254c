import type { BudgetLeft } from '../budgets.ts';

/** Which pages may read answers from a browser. Every reply takes it from here. */
const ALLOWED_ORIGIN = '*';

/** Headers of every reply, problems and streams included. */
export const commonHeaders = (requestId: string): Record<string, string> => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
  'access-control-allow-origin': ALLOWED_ORIGIN,
  'access-control-expose-headers':
    'allow, content-disposition, retry-after, x-request-id, x-budget-remaining-tokens, x-budget-remaining-usd, x-budget-reset',
});

/** What is left of the reader's budgets, and in how many seconds they are whole again; nothing without limits. */
export const budgetHeaders = (left: BudgetLeft | undefined): Record<string, string> => ({
  ...(left?.tokens !== undefined && { 'x-budget-remaining-tokens': String(left.tokens) }),
  ...(left?.usd !== undefined && { 'x-budget-remaining-usd': left.usd.toFixed(6) }),
  ...(left && { 'x-budget-reset': String(left.resetSeconds) }),
});
