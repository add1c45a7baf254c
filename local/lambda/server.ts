import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import {
  ACCOUNT_ID,
  type Caller,
  type EventSourceSpec,
  type Faults,
  type FunctionSpec,
  type Iam,
  type InvocationResult,
  type LambdaServer,
  type Log,
  PARTITION,
  type SqsServer,
} from '../contracts.ts';
import { noFaults } from '../faults/faults.ts';
import { AsyncInvocations } from './async-invocations.ts';
import { EventSource } from './event-source.ts';
import { Invocation, type InvocationOptions } from './invocation.ts';
import { answerInvoke, InvokeError, type InvokeTarget } from './invoke-api.ts';
import { Pool } from './pool.ts';

/** Bytes of a buffered reply; only a streamed one may be longer. */
const MAX_REPLY_BYTES = 6 * 1024 * 1024;

export interface LambdaOptions {
  readonly iam: Iam;
  readonly sqs: SqsServer;
  /** The local cloud's address, known once it listens. */
  readonly url: () => string;
  readonly region: string;
  /** A folder for what lives as long as the functions do: their home folders. */
  readonly directory: string;
  readonly log: Log;
  /** Keeps each line of a function as it wrote it. @default nobody does */
  readonly record?: (functionName: string, line: string) => void;
  /** Says how long each invocation took. @default false */
  readonly debug?: boolean;
  readonly limits?: Partial<LambdaLimits>;
  /** @default nothing goes wrong on purpose */
  readonly faults?: Faults;
}
export interface LambdaLimits {
  /** Processes at a time, over all functions. @default two for each core, at least 8 */
  readonly maxProcesses: number;
  /** How long a process may idle. @default 5 minutes */
  readonly idleMs: number;
  /** @default 10 seconds, as on AWS */
  readonly initTimeoutMs: number;
  /** What event sources have in hand may take so long at the stop. @default 3 seconds */
  readonly graceMs: number;
  /** The wait before each retry of an asynchronous invocation. @default 1 minute, then 2, as on AWS */
  readonly retryDelaysMs: readonly number[];
}

const DEFAULT_LIMITS: LambdaLimits = {
  maxProcesses: Math.max(2 * availableParallelism(), 8),
  idleMs: 5 * 60_000,
  initTimeoutMs: 10_000,
  graceMs: 3_000,
  retryDelaysMs: [60_000, 120_000],
};

/** AWS Lambda: Node.js functions in processes of their own, the Invoke API, and event sources on queues. */
export function createLambda(options: LambdaOptions): LambdaServer {
  const { iam, sqs, url, region, directory, log, record = () => undefined, debug = false, faults = noFaults } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { initTimeoutMs, maxProcesses, idleMs } = limits;
  const pool = new Pool({
    ...{ iam, url, region, directory, log, record, debug, faults },
    ...{ initTimeoutMs, maxProcesses, idleMs },
  });
  const sources = new Map<string, EventSource>();
  const functionArn = (name: string) => `arn:${PARTITION}:lambda:${region}:${ACCOUNT_ID}:function:${name}`;

  const run = (invocation: InvocationOptions) => {
    const started = new Invocation(invocation);
    pool.run(started);
    return started;
  };
  const runBuffered = (invocation: InvocationOptions) => collect(run(invocation));
  const runInBackground = (functionName: string, payload: string) =>
    runBuffered({ functionName, payload, background: true });
  const later = new AsyncInvocations({ log, retryDelaysMs: limits.retryDelaysMs, invoke: runInBackground });

  const target: InvokeTarget = {
    authorize(caller, functionName) {
      iam.authorize(caller, 'lambda:InvokeFunction', functionArn(functionName));
      if (pool.function(functionName)) return;
      throw new InvokeError('ResourceNotFoundException', 404, `Function not found: ${functionArn(functionName)}`);
    },
    invoke: (functionName, payload) => runBuffered({ functionName, payload, background: false }),
    invokeStreaming: (functionName, payload) => run({ functionName, payload, background: false }),
    invokeLater: (functionName, payload) => later.add(functionName, payload),
  };

  return {
    handler: exchange => answerInvoke(target, exchange),
    functionArn,
    putFunction(spec) {
      checkFunction(spec);
      pool.deploy(functionArn(spec.name), spec);
    },
    deleteFunction: name => pool.remove(name),
    async invoke(caller, functionName, payload) {
      target.authorize(caller, functionName);
      return target.invoke(functionName, payload);
    },
    invokeStreaming(caller, functionName, payload) {
      target.authorize(caller, functionName);
      return target.invokeStreaming(functionName, payload);
    },
    invokeLater(caller, functionName, payload) {
      target.authorize(caller, functionName);
      target.invokeLater(functionName, payload);
    },
    putEventSource(spec) {
      checkEventSource(spec);
      const deployed = pool.function(spec.functionName);
      if (!deployed) throw new Error(`Event source ${spec.id}: there is no function ${spec.functionName}.`);
      const caller = authorizedPoller(iam, deployed.spec, spec.queueArn);
      // What an earlier process of this cloud had in hand would stay hidden until its visibility timeout.
      if (!sources.has(spec.id)) sqs.returnAbandoned(spec.queueArn);
      void sources.get(spec.id)?.stop();
      const host = { sqs, log, region, caller, faults, maxConcurrency: maxProcesses, invoke: runInBackground };
      sources.set(spec.id, new EventSource(spec, host));
    },
    async deleteEventSource(id) {
      const source = sources.get(id);
      sources.delete(id);
      await source?.stop();
    },
    async close() {
      const stopped = Promise.all([...sources.values()].map(source => source.stop()));
      sources.clear();
      await Promise.race([stopped, delay(limits.graceMs, undefined, { ref: false })]);
      await Promise.all([pool.close(), later.close()]);
      await stopped;
    },
  };
}

/** @returns a reply that fits into one piece, with its bytes */
async function collect(invocation: Invocation): Promise<InvocationResult> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of invocation.body) {
    length += piece.length;
    if (length <= MAX_REPLY_BYTES) pieces.push(piece);
    else {
      const message = `Response payload size exceeded maximum allowed payload size (${MAX_REPLY_BYTES} bytes).`;
      invocation.settle({ ok: false, type: 'Function.ResponseSizeTooLarge', message });
    }
  }
  const result = await invocation.result;
  return result.ok ? { ok: true, payload: Buffer.concat(pieces, length) } : result;
}

function checkFunction({ name, runtime, codeDirectory }: FunctionSpec): void {
  if (!runtime.startsWith('nodejs')) throw new Error(`Function ${name}: the runtime ${runtime} is not emulated.`);
  if (!existsSync(codeDirectory)) throw new Error(`Function ${name}: its code is not at ${codeDirectory}.`);
}

/** The rules of AWS that the mapping itself can break. */
function checkEventSource(spec: EventSourceSpec): void {
  const { id, batchSize, maxBatchingWindowSeconds, maxConcurrency } = spec;
  const within = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;
  const faults = [
    ...(within(batchSize, 1, 10_000) ? [] : [`its batch size must be 1 to 10000, not ${batchSize}`]),
    ...(within(maxBatchingWindowSeconds, 0, 300) ? [] : ['its batching window must be 0 to 300 seconds']),
    ...(batchSize <= 10 || maxBatchingWindowSeconds >= 1 ? [] : ['a batch size over 10 needs a batching window']),
    ...(maxConcurrency === undefined || within(maxConcurrency, 2, 1000)
      ? []
      : [`its maximum concurrency must be 2 to 1000, not ${maxConcurrency}`]),
  ];
  if (faults.length > 0) throw new Error(`Event source ${id}: ${faults.join('; ')}.`);
}

/** Event sources act as the function's role, and are refused at once if it may not do what they need, as on AWS. */
function authorizedPoller(iam: Iam, { name, roleArn }: FunctionSpec, queueArn: string): Caller {
  const { accessKeyId } = iam.issueCredentials(roleArn, name);
  const caller: Caller = { kind: 'role', accessKeyId, roleArn, functionName: name };
  for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) {
    iam.authorize(caller, action, queueArn);
  }
  return caller;
}
