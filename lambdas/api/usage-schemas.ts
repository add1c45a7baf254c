import * as z from 'zod';
import { BUDGET_SCOPES, budgetsSchema } from '../budgets.ts';

const amounts = { tokens: z.number().min(0), usd: z.number().min(0) };
const periodUsageSchema = z
  .object({
    period: z.string().meta({ description: 'A day or a month of UTC: `2026-11-21`, `2026-11`.' }),
    ...amounts,
    reserved: z.object(amounts).meta({ description: 'Held for answers in progress, by an upper estimate.' }),
    limit: z
      .object({ tokens: z.number().exactOptional(), usd: z.number().exactOptional() })
      .meta({ description: 'A unit that is absent has no limit.' }),
    resetsAt: z.iso.datetime(),
  })
  .meta({ id: 'PeriodUsage', description: 'Tokens and estimated US dollars of all models.' });
const periods = { day: periodUsageSchema, month: periodUsageSchema };
export const usageReportSchema = z
  .object({
    usage: z.array(z.object({ scope: z.enum(BUDGET_SCOPES), ...periods }).meta({ id: 'ScopeUsage' })),
  })
  .meta({ id: 'UsageReport', description: 'Yours as a user; of your key and your tenant where they have a limit.' });

const day = z.iso.date();
export const usageOverTimeQuery = z.strictObject({
  from: day.optional().meta({ description: 'The first day (UTC), e.g. `2026-11-01`. Default: 29 days before `to`.' }),
  to: day.optional().meta({ description: 'The last day. Default: today. At most 92 days in all.' }),
});
const used = {
  inputTokens: z.number().min(0),
  outputTokens: z.number().min(0),
  usd: z.number().min(0).meta({ description: 'Estimated; a model without a known price adds nothing.' }),
};
const usedByAnswers = {
  answers: z.number().min(0).meta({ description: 'Questions answered, or broken off midway.' }),
  ...used,
};
export const usageOverTimeSchema = z
  .object({
    from: day,
    to: day,
    total: z.object(usedByAnswers),
    days: z.array(z.object({ day, ...usedByAnswers })).meta({ description: 'Every day, those without use too.' }),
    users: z
      .array(z.object({ userId: z.string(), name: z.string().optional(), ...usedByAnswers }))
      .meta({ description: 'Those who cost most first, at most 100. API keys are users of their own.' }),
    otherUsers: z.int().min(0).meta({ description: 'How many more there are.' }),
    models: z.array(z.object({ model: z.string(), ...used })).meta({ description: 'Most expensive first.' }),
  })
  .meta({ id: 'UsageOverTime', description: 'What your tenant used for answers, searches, titles and summaries.' });

const spend = z.object(amounts);
export const budgetReportSchema = z
  .object({
    limits: budgetsSchema.meta({ description: 'What each key, each user and each tenant may spend.' }),
    tenant: z.object(periods).meta({ description: 'What your tenant has spent.' }),
    users: z
      .array(z.object({ userId: z.string(), name: z.string().optional(), day: spend, month: spend }))
      .meta({ description: 'Who spent most this month, at most 100. API keys are users of their own.' }),
  })
  .meta({ id: 'BudgetReport' });
