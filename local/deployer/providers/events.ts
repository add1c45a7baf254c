import { z } from 'zod';
import type { EventRules } from '../../events/rules.ts';
import { defineProvider, type ResourceProvider } from '../resource.ts';

const ruleProperties = z.object({
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z
    .array(
      z.object({
        Id: z.string(),
        Arn: z.string(),
        Input: z.string().optional(),
        DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
      }),
    )
    .default([]),
});

/** Rules that run on a schedule. One that waits for events has an `EventPattern`, which stops the deploy. */
export function eventProviders({ events }: { events: EventRules }): ResourceProvider[] {
  const rule = defineProvider({
    type: 'AWS::Events::Rule',
    properties: ruleProperties,
    handled: [
      ...['Name', 'ScheduleExpression', 'State', 'Targets.Id', 'Targets.Arn', 'Targets.Input'],
      'Targets.DeadLetterConfig.Arn',
    ],
    recorded: ['Description', 'Targets.RetryPolicy', 'Tags'],
    put({ Name, ScheduleExpression, State, Targets }, { physicalName }) {
      const name = Name ?? physicalName({ maxLength: 64 });
      events.putRule({
        name,
        schedule: ScheduleExpression,
        enabled: State === 'ENABLED',
        targets: Targets.map(({ Id, Arn, Input, DeadLetterConfig }) => ({
          ...{ id: Id, arn: Arn },
          ...(Input !== undefined && { input: Input }),
          ...(DeadLetterConfig && { deadLetterArn: DeadLetterConfig.Arn }),
        })),
      });
      return { physicalId: name, attributes: { Arn: events.ruleArn(name) } };
    },
    delete: (_, { physicalId }) => events.deleteRule(physicalId),
  });
  return [rule];
}
