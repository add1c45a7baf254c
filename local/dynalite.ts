/** Starts dynalite in its thread and talks to it over a private socket. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { ACCOUNT_ID, type Log } from './contracts.ts';
import type { DynaliteWorkerData, DynaliteWorkerMessage } from './dynalite-worker.ts';
import { JSON_1_0, requestId } from './wire.ts';

const API = 'DynamoDB_20120810';
/** A call that dynalite never answers (it failed inside) ends after this. */
const CALL_TIMEOUT_MS = 30_000;
/** dynalite looks for these, and does not check them: the gateway has. */
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=local, Signature=local';

interface DynaliteOptions {
  readonly directory: string | undefined;
  readonly region: string;
  readonly log: Log | undefined;
}
interface DynaliteReply {
  readonly status: number;
  /** The checksum and the request id, which clients look at. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}
type DynaliteAnswer =
  | { readonly ok: true; readonly output: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly type: string; readonly message: string };

export interface Dynalite {
  /** Passes a call on as it is. @param target e.g. `DynamoDB_20120810.GetItem` */
  call(target: string, body: Buffer): Promise<DynaliteReply>;
  /** For the cloud's own calls. */
  ask(operation: string, input: unknown): Promise<DynaliteAnswer>;
  close(): Promise<void>;
}

/** Returns at once; calls wait until the thread is ready. */
export function startDynalite(options: DynaliteOptions): Dynalite {
  const starting = startThread(options);
  // A start that failed is told to each caller, and has left nothing to close.
  const started = starting.catch(() => undefined);

  async function call(target: string, body: Buffer): Promise<DynaliteReply> {
    const thread = await starting;
    return thread.call(target, body);
  }

  return {
    call,
    async ask(operation, input) {
      const { status, body } = await call(`${API}.${operation}`, Buffer.from(JSON.stringify(input)));
      // dynalite answers JSON objects; errors have these two fields.
      const output = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      if (status === 200) return { ok: true, output };
      const type = String(output.__type);
      return { ok: false, type: type.slice(type.indexOf('#') + 1), message: String(output.message) };
    },
    async close() {
      await (await started)?.close();
    },
  };
}

interface Thread {
  readonly call: Dynalite['call'];
  close(): Promise<void>;
}

/** @throws Error when the thread does not start, or cannot open its tables */
async function startThread({ directory, region, log }: DynaliteOptions): Promise<Thread> {
  const folder = process.platform === 'win32' ? undefined : await mkdtemp(join(tmpdir(), 'dynalite-'));
  const socketPath = folder === undefined ? `\\\\.\\pipe\\dynalite-${requestId()}` : join(folder, 'socket');
  const workerData: DynaliteWorkerData = { socketPath, ...(directory === undefined ? {} : { directory }) };
  const worker = new Worker(new URL('./dynalite-worker.ts', import.meta.url), {
    workerData,
    // dynalite takes both from its environment; it needs nothing else of ours.
    env: { AWS_REGION: region, AWS_ACCOUNT_ID: ACCOUNT_ID },
    execArgv: [],
  });
  const agent = new Agent({ keepAlive: true });
  const inFlight = new Set<AbortController>();
  let isOpen = false;
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()));

  const ready = new Promise<void>((resolve, reject) => {
    const failed = (error: Error) => {
      // Before that, whoever starts the cloud is told.
      if (isOpen) log?.line('dynamodb', error.message);
      reject(error);
      // Which call it was is lost, and dynalite will never answer that one: all end, and clients try again.
      for (const call of inFlight) call.abort(error);
    };
    worker.on('error', failed);
    worker.once('exit', code => reject(new Error(`Its thread ended with code ${code}.`)));
    worker.on('message', (message: DynaliteWorkerMessage) => {
      if (message.type === 'ready') resolve();
      else failed(new Error(message.text));
    });
  });

  const thread: Thread = {
    async call(target, body) {
      const controller = new AbortController();
      inFlight.add(controller);
      try {
        const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
        return await post({ agent, socketPath, target, body, signal });
      } finally {
        inFlight.delete(controller);
      }
    },
    async close() {
      agent.destroy();
      worker.postMessage('close');
      await exited;
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await ready;
    // dynalite opens its database only now, and says nothing when it cannot.
    await thread.call(`${API}.ListTables`, Buffer.from('{}'));
    isOpen = true;
    return thread;
  } catch (error) {
    await worker.terminate();
    await thread.close();
    const place = directory === undefined ? 'in memory' : `in ${directory}`;
    const fix = 'start clean with --reset, or choose another folder with --state.';
    throw new Error(`The tables ${place} cannot be opened: ${fix}`, { cause: error });
  }
}

interface Post {
  readonly agent: Agent;
  readonly socketPath: string;
  readonly target: string;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

function post({ agent, socketPath, target, body, signal }: Post): Promise<DynaliteReply> {
  const { promise, resolve, reject } = Promise.withResolvers<DynaliteReply>();
  const outgoing = request({
    agent,
    socketPath,
    method: 'POST',
    signal,
    headers: {
      authorization: AUTHORIZATION,
      'x-amz-date': '20000101T000000Z',
      'x-amz-target': target,
      'content-type': JSON_1_0,
      'content-length': body.length,
    },
  });
  outgoing.on('error', reject);
  outgoing.on('response', response => {
    const { statusCode = 500, headers } = response;
    buffer(response).then(bytes => resolve({ status: statusCode, headers: passedOn(headers), body: bytes }), reject);
  });
  outgoing.end(body);
  return promise;
}

function passedOn(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ['x-amz-crc32', 'x-amzn-requestid', 'content-length'];
  return Object.fromEntries(names.flatMap(name => (headers[name] ? [[name, String(headers[name])]] : [])));
}
