import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID, type Caller, type LambdaServer, type Log, PARTITION, type SqsServer } from '../contracts.ts';
import { type Clock, systemClock } from './clock.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

export interface RuleTarget {
  readonly id: string;
  /** A function or a queue. */
  readonly arn: string;
  /** Text to send instead of the event. */
  readonly input?: string;
  /** The queue for events that the target does not take. */
  readonly deadLetterArn?: string;
}
export interface RuleSpec {
  readonly name: string;
  readonly schedule: string;
  readonly enabled: boolean;
  readonly targets: readonly RuleTarget[];
}

export interface EventRules {
  ruleArn(name: string): string;
  /** Creates or changes a rule. @throws Error for a schedule or a target that is not emulated */
  putRule(spec: RuleSpec): void;
  deleteRule(name: string): void;
  /** Nothing comes after it. */
  close(): void;
}

export interface EventRulesOptions {
  readonly lambda: LambdaServer;
  readonly sqs: SqsServer;
  readonly region: string;
  readonly log: Log;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** EventBridge, as far as rules go that run on a schedule: their events go to functions and queues. */
export function createEventRules({ lambda, sqs, region, log, clock = systemClock }: EventRulesOptions): EventRules {
  /** What calls the next run of each rule off. */
  const waiting = new Map<string, { readonly spec: RuleSpec; cancel(): void }>();
  const ruleArn = (name: string) => `arn:${PARTITION}:events:${region}:${ACCOUNT_ID}:rule/${name}`;

  function deliver(caller: Caller, arn: string, body: string): void {
    if (arn.includes(':sqs:')) sqs.send(caller, arn, body);
    else lambda.invokeLater(caller, arn.split(':')[6] ?? '', body);
  }

  function run(spec: RuleSpec, time: number): void {
    const event = JSON.stringify(scheduledEvent(ruleArn(spec.name), region, time));
    const caller: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: ruleArn(spec.name) };
    for (const { arn, input = event, deadLetterArn } of spec.targets) {
      try {
        deliver(caller, arn, input);
      } catch (error) {
        log.line('events', `${spec.name} could not send its event to ${arn}: ${messageOf(error)}`);
        if (deadLetterArn !== undefined) bury(caller, deadLetterArn, input);
      }
    }
  }

  function bury(caller: Caller, deadLetterArn: string, body: string): void {
    try {
      sqs.send(caller, deadLetterArn, body);
    } catch (error) {
      log.line('events', `nor to ${deadLetterArn}: ${messageOf(error)}`);
    }
  }

  function plan(spec: RuleSpec, schedule: Schedule, after: number): void {
    const time = schedule(after);
    if (time === undefined) return;
    const cancel = clock.at(time, () => {
      plan(spec, schedule, clock.now()); // times that passed meanwhile are left out, as on AWS
      run(spec, time);
    });
    waiting.set(spec.name, { spec, cancel });
  }

  const stop = (name: string) => {
    waiting.get(name)?.cancel();
    waiting.delete(name);
  };

  return {
    ruleArn,
    putRule(spec) {
      for (const { arn } of spec.targets) {
        if (!/:(sqs|lambda):/.test(arn)) throw new Error(`only functions and queues can be targets here, not ${arn}.`);
      }
      const schedule = parseSchedule(spec.schedule, clock.now());
      stop(spec.name);
      if (spec.enabled) plan(spec, schedule, clock.now());
    },
    deleteRule: stop,
    close() {
      for (const name of [...waiting.keys()]) stop(name);
    },
  };
}

const scheduledEvent = (ruleArn: string, region: string, time: number) => ({
  version: '0',
  id: randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ACCOUNT_ID,
  time: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
  region,
  resources: [ruleArn],
  detail: {},
});

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
