import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Faults, FunctionSpec, Iam } from '../contracts.ts';
import { functionEnvironment } from './environment.ts';
import { FunctionOutput, type OutputHost } from './function-output.ts';
import type { Invocation } from './invocation.ts';
import type { Pace } from './pace.ts';
import type { Reaper } from './reaper.ts';
import { residentMemoryMb } from './resident-memory.ts';
import { accept, type FunctionError, type RuntimeApi, type RuntimeSession, trailingError } from './runtime-api.ts';

const BOOTSTRAP = fileURLToPath(new URL('./runtime/bootstrap.mjs', import.meta.url));
/** V8 gets a little less than the function has, for what lives outside of its heap. */
const HEAP_SHARE = 0.9;

/** What every process of every function shares. */
export interface SandboxHost extends OutputHost {
  readonly iam: Iam;
  readonly url: () => string;
  readonly region: string;
  /** Holds the functions' home folders. */
  readonly directory: string;
  readonly debug: boolean;
  readonly initTimeoutMs: number;
  readonly reaper: Reaper;
  readonly faults: Pick<Faults, 'ofInvocation'>;
}
/** A function as it was deployed; another deployment is another object. */
export interface DeployedFunction {
  readonly arn: string;
  readonly spec: FunctionSpec;
  readonly pace: Pace;
}
export interface SandboxEvents {
  /** It can take an invocation. */
  free(sandbox: Sandbox): void;
  /** Its process has ended; `initError` when it was never ready. */
  gone(sandbox: Sandbox, initError: FunctionError | undefined): void;
}

/** One process of one function. It has one invocation at a time. */
export class Sandbox implements RuntimeSession {
  readonly deployed: DeployedFunction;
  readonly exited: Promise<void>;
  readonly #host: SandboxHost;
  readonly #events: SandboxEvents;
  readonly #api: RuntimeApi;
  readonly #address: string;
  readonly #output: FunctionOutput;
  readonly #child: ChildProcess;
  /** Held while the process waits for its next invocation. */
  #next: ServerResponse | undefined;
  #invocation: Invocation | undefined;
  #invokedAt = 0;
  #limit: NodeJS.Timeout;
  /** Ends the process on purpose, midway through its invocation. */
  #accident: NodeJS.Timeout | undefined;
  #ready = false;
  /** Why the process has to go, or why it said that it will. */
  #fault: FunctionError | undefined;
  /** When it became free, in milliseconds of `performance.now()`. */
  idleSince = 0;

  constructor(host: SandboxHost, api: RuntimeApi, deployed: DeployedFunction, events: SandboxEvents) {
    this.#host = host;
    this.#events = events;
    this.#api = api;
    this.deployed = deployed;
    this.#output = new FunctionOutput(host, deployed.spec.name, () => this.#invocation?.requestId);
    this.#address = api.register(this);
    try {
      this.#child = this.#spawn();
    } catch (error) {
      api.unregister(this.#address);
      throw error;
    }
    this.exited = new Promise(resolve => this.#child.once('close', () => resolve()));
    this.#limit = setTimeout(() => {
      const seconds = host.initTimeoutMs / 1000;
      this.#condemn({ type: 'Sandbox.Timedout', message: `Task timed out after ${seconds} seconds in its init phase` });
    }, host.initTimeoutMs);
  }

  get isStarting(): boolean {
    return !this.#ready;
  }

  get isFree(): boolean {
    return this.#next !== undefined && !this.isCondemned;
  }

  /** It is to go, or going. */
  get isCondemned(): boolean {
    return this.#fault !== undefined;
  }

  get invocation(): Invocation | undefined {
    return this.#invocation;
  }

  /** Hands over an invocation; the sandbox must be free. */
  deliver(invocation: Invocation): void {
    const response = this.#next;
    if (!response) throw new Error(`The process of ${this.deployed.spec.name} is not free.`);
    const { timeoutSeconds } = this.deployed.spec;
    this.#next = undefined;
    this.#invocation = invocation;
    this.#invokedAt = performance.now();
    this.#limit = setTimeout(() => {
      this.#condemn({ type: 'Sandbox.Timedout', message: `Task timed out after ${timeoutSeconds} seconds` });
    }, timeoutSeconds * 1000);
    this.#planFault();
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': invocation.requestId,
      'lambda-runtime-deadline-ms': String(Date.now() + timeoutSeconds * 1000),
      'lambda-runtime-invoked-function-arn': this.deployed.arn,
      'lambda-runtime-trace-id': invocation.traceId,
    });
    response.end(invocation.payload);
  }

  next(response: ServerResponse): void {
    clearTimeout(this.#limit);
    if (this.isCondemned) return;
    this.#finishInvocation();
    this.#ready = true;
    this.#next = response;
    this.idleSince = performance.now();
    this.#events.free(this);
  }

  reply(requestId: string, request: IncomingMessage, response: ServerResponse): void {
    const invocation = this.#invocation;
    // A reply that nobody reads, because its invocation is over, is closed.
    if (invocation?.requestId !== requestId) return void request.destroy();
    request.once('end', () => {
      const error = trailingError(request);
      invocation.settle(error ? { ok: false, ...error } : { ok: true, payload: Buffer.alloc(0) });
      accept(response);
    });
    invocation.open(request);
  }

  failed(requestId: string, error: FunctionError): void {
    if (this.#invocation?.requestId === requestId) this.#invocation.settle({ ok: false, ...error });
  }

  initFailed(error: FunctionError): void {
    this.#fault ??= error;
  }

  /** Ends the process and all that it started. */
  kill(): void {
    this.#end({ type: 'Sandbox.Killed', message: 'The local cloud ended the process' });
  }

  async checkMemory(): Promise<void> {
    const { memoryMb } = this.deployed.spec;
    const { pid } = this.#child;
    if (pid === undefined || this.isCondemned) return;
    const residentMb = await residentMemoryMb(pid);
    if (residentMb === undefined || residentMb <= memoryMb) return;
    this.#condemn(outOfMemory(memoryMb));
  }

  /** A limit was passed. */
  #condemn(fault: FunctionError): void {
    if (!this.#fault) this.#output.say(`ERROR ${fault.type}: ${fault.message}`, 'error');
    this.#end(fault);
  }

  #end(fault: FunctionError): void {
    this.#fault ??= fault;
    this.#invocation?.settle({ ok: false, ...this.#fault });
    this.#killGroup();
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return; // gone already
      throw error;
    }
  }

  #planFault(): void {
    const { spec, pace } = this.deployed;
    const fault = this.#host.faults.ofInvocation(spec.name, pace.usualMs);
    if (!fault) return;
    this.#accident = setTimeout(() => this.#condemn(INJECTED[fault.kind]), fault.afterMs);
  }

  /** The process asks for more, so whatever it did not answer stays unanswered. */
  #finishInvocation(): void {
    clearTimeout(this.#accident);
    if (!this.#invocation) return;
    this.deployed.pace.note(performance.now() - this.#invokedAt);
    const message = 'The function closed its response before the end';
    this.#invocation.settle({ ok: false, type: 'Runtime.TruncatedResponse', message });
    if (this.#host.debug) this.#output.say(`REPORT ${Math.round(performance.now() - this.#invokedAt)} ms`, 'info');
    this.#invocation = undefined;
  }

  #spawn(): ChildProcess {
    const host = this.#host;
    const { spec } = this.deployed;
    const home = join(host.directory, 'home', spec.name);
    mkdirSync(home, { recursive: true });
    const credentials = host.iam.issueCredentials(spec.roleArn, spec.name);
    const { region } = host;
    const env = functionEnvironment({ spec, region, credentials, url: host.url(), runtimeApi: this.#address, home });
    const heapMb = Math.floor(spec.memoryMb * HEAP_SHARE);
    const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, BOOTSTRAP], {
      cwd: spec.codeDirectory,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own process group, so that what it starts can be killed with it
    });
    if (child.pid !== undefined) host.reaper.watch(child.pid);
    child.on('error', error => {
      this.#fault ??= { type: 'Runtime.StartFailed', message: `The process could not be started: ${error.message}` };
    });
    child.on('exit', () => this.#killGroup());
    child.on('close', (code, signal) => this.#onClose(code, signal));
    this.#output.read(child.stdout, 'info');
    this.#output.read(child.stderr, 'warn');
    return child;
  }

  #onClose(code: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#accident);
    this.#api.unregister(this.#address);
    if (this.#child.pid !== undefined) this.#host.reaper.forget(this.#child.pid);
    this.#next = undefined;
    const fault = this.#fault ?? this.#exitFault(code, signal);
    // What the function reported itself, and why it had to go, has been said already.
    if (!this.#fault && !this.#invocation?.settled) this.#output.say(`ERROR ${fault.type}: ${fault.message}`, 'error');
    this.#fault = fault;
    this.#invocation?.settle({ ok: false, ...fault });
    this.#invocation = undefined;
    this.#events.gone(this, this.#ready ? undefined : fault);
  }

  #exitFault(code: number | null, signal: NodeJS.Signals | null): FunctionError {
    if (this.#output.heapExhausted) return outOfMemory(this.deployed.spec.memoryMb);
    const status = signal ? `signal: ${signal}` : `exit status ${code}`;
    return { type: 'Runtime.ExitError', message: `Runtime exited with error: ${status}` };
  }
}

const INJECTED = {
  kill: { type: 'Runtime.ExitError', message: 'Runtime exited with error: signal: killed, on purpose' },
  timeout: { type: 'Sandbox.Timedout', message: 'Task timed out, on purpose' },
} as const;

const outOfMemory = (memoryMb: number): FunctionError => ({
  type: 'Runtime.OutOfMemory',
  message: `Runtime exited with error: signal: killed; the memory limit is ${memoryMb} MB`,
});
