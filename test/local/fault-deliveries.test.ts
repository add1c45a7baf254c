import { afterEach, describe, expect, it } from 'vitest';
import type { FaultPlanInput } from '../../local/faults/plan.ts';
import { type Cloud, OPERATOR, startCloud, until } from './lambda-fixture.ts';

let cloud: Cloud;
afterEach(() => cloud.close());

const times = { visibilityTimeoutSeconds: 600, delaySeconds: 0, retentionSeconds: 3600, receiveWaitSeconds: 0 };
const ECHO = `export const handler = async event => { for (const record of event.Records) console.log('got ' + record.body); };`;

/** A queue `work` that feeds the function `worker`, one message at a time. */
async function connect(code: string, faults: FaultPlanInput) {
  cloud = await startCloud({ faults });
  cloud.sqs.putQueue({ name: 'work', ...times });
  cloud.deploy('worker', code);
  cloud.lambda.putEventSource({
    ...{ id: 'mapping', functionName: 'worker', queueArn: cloud.sqs.queueArn('work'), batchSize: 1 },
    ...{ maxBatchingWindowSeconds: 0, maxConcurrency: 2, reportBatchItemFailures: false, enabled: true },
  });
}
const send = (...bodies: string[]) => {
  for (const body of bodies) cloud.sqs.send(OPERATOR, cloud.sqs.queueArn('work'), body);
};
const got = () => cloud.lines.flatMap(line => /: INFO got (\S+)/.exec(line)?.[1] ?? []);

describe('deliveries', () => {
  it('come twice', async () => {
    await connect(ECHO, { deliveries: [{ queue: 'w*', duplicate: 1, withinMs: 50 }] });
    send('a', 'b');
    await until(() => got().length === 4, 'both came twice');
    expect(got().sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(cloud.faults.report().injected).toEqual({ 'work duplicate': 2 });
  });

  it('are lost', async () => {
    await connect(ECHO, { deliveries: [{ queue: 'w*', lose: 1 }] });
    send('a', 'b');
    cloud.faults.change({});
    send('c');
    await until(() => got().length === 1, 'the last one came');
    expect(got()).toEqual(['c']);
  });

  it('overtake each other', async () => {
    await connect(ECHO, { seed: 1, deliveries: [{ reorder: 0.5, withinMs: 1_500 }] });
    const sent = Array.from({ length: 20 }, (_, index) => `m${String(index).padStart(2, '0')}`);
    send(...sent);
    await until(() => got().length === 20, 'all came');
    expect(got()).not.toEqual(sent);
    expect(got().sort()).toEqual(sent);
  });
});

describe('a function', () => {
  const SLOW = `export const handler = async ({ Records: [{ body }] }) => {
    console.log('began ' + body);
    await new Promise(resolve => setTimeout(resolve, 400));
    console.log('got ' + body);
  };`;

  it.each(['kill', 'timeout'] as const)(
    'meets a %s midway, and its message comes back soon when asked to',
    async fault => {
      await connect(SLOW, { functions: [{ function: 'wor*', fault, times: 1 }], failedMessagesReturnMs: 100 });
      send('a');
      await until(() => got().length === 1, 'the message is handled at last');
      const began = cloud.lines.filter(line => line.includes('INFO began a'));
      expect(began.length).toBeLessThanOrEqual(2);
      expect(cloud.lines.join('\n')).toContain(
        fault === 'kill'
          ? 'Runtime.ExitError: Runtime exited with error: signal: killed'
          : 'Sandbox.Timedout: Task timed out',
      );
      expect(cloud.faults.report().injected).toEqual({ [`worker ${fault}`]: 1 });
    },
  );
});

describe('what was in hand when the cloud died', () => {
  it('comes back at the next start, not after its visibility timeout', async () => {
    cloud = await startCloud();
    cloud.sqs.putQueue({ name: 'work', ...times });
    send('a');
    const [taken] = await cloud.sqs.receive(OPERATOR, cloud.sqs.queueArn('work'), 1, 0, new AbortController().signal);
    expect(taken?.body).toBe('a');
    cloud.deploy('worker', ECHO);
    cloud.lambda.putEventSource({
      ...{ id: 'mapping', functionName: 'worker', queueArn: cloud.sqs.queueArn('work'), batchSize: 1 },
      ...{ maxBatchingWindowSeconds: 0, reportBatchItemFailures: false, enabled: true },
    });
    await until(() => got().length === 1, 'the message is handled');
  });
});
