import type { FunctionSpec } from '../contracts.ts';
import type { Invocation } from './invocation.ts';
import { Pace } from './pace.ts';
import { Reaper } from './reaper.ts';
import { type FunctionError, RuntimeApi } from './runtime-api.ts';
import { type DeployedFunction, Sandbox, type SandboxHost } from './sandbox.ts';

/** How often the memory of processes at work, and the idle ones, are looked at. */
const HOUSEKEEPING_MS = 200;
/**
 * A process that has idled for less may be wanted again at once, and starting another costs far more than waiting: it
 * makes room only for a function that has no process at all.
 */
const KEPT_WARM_MS = 2_000;
/** Processes that work nobody waits for leaves to requests that somebody waits for. */
const KEPT_FOR_REQUESTS = 2;

export interface PoolOptions extends Omit<SandboxHost, 'reaper'> {
  /** Processes at a time, over all functions; at least 1. */
  readonly maxProcesses: number;
  /** How long a process may wait for its next invocation. */
  readonly idleMs: number;
}

/**
 * The processes of all functions. An invocation gets a warm process, or a new one within the limits, or waits; a process
 * that idles makes room for another function's.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #host: SandboxHost;
  readonly #reaper: Reaper;
  readonly #functions = new Map<string, DeployedFunction>();
  readonly #sandboxes = new Set<Sandbox>();
  /** In the order of arrival. */
  readonly #waiting = new Set<Invocation>();
  #housekeeping: NodeJS.Timeout | undefined;
  #api: Promise<RuntimeApi> | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#reaper = new Reaper(options.log);
    this.#host = { ...options, reaper: this.#reaper };
  }

  get maxProcesses(): number {
    return this.#options.maxProcesses;
  }

  function(name: string): DeployedFunction | undefined {
    return this.#functions.get(name);
  }

  /** Processes of an earlier deployment finish what they do and end. */
  deploy(arn: string, spec: FunctionSpec): void {
    this.#functions.set(spec.name, { arn, spec, pace: new Pace() });
    for (const sandbox of this.#of(spec.name)) if (sandbox.isFree) sandbox.kill();
    void this.#dispatch();
  }

  async remove(name: string): Promise<void> {
    this.#functions.delete(name);
    for (const invocation of this.#waiting) if (invocation.functionName === name) this.#settleMissing(invocation);
    const sandboxes = this.#of(name);
    for (const sandbox of sandboxes) sandbox.kill();
    await Promise.all(sandboxes.map(sandbox => sandbox.exited));
  }

  /** Runs the invocation as soon as it may; its own `result` tells how it ended. */
  run(invocation: Invocation): void {
    const deployed = this.#functions.get(invocation.functionName);
    if (!deployed || this.#closed) {
      this.#settleMissing(invocation);
    } else if (deployed.spec.reservedConcurrency === 0) {
      invocation.settle({ ok: false, type: 'TooManyRequestsException', message: 'Rate Exceeded.' });
    } else {
      this.#waiting.add(invocation);
      void this.#dispatch();
    }
  }

  /** Kills all processes; what they were doing fails. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#housekeeping);
    for (const invocation of this.#waiting) this.#settleMissing(invocation);
    const sandboxes = [...this.#sandboxes];
    for (const sandbox of sandboxes) sandbox.kill();
    await Promise.all(sandboxes.map(sandbox => sandbox.exited));
    await this.#reaper.close();
    await (await this.#api)?.close();
  }

  #settleMissing(invocation: Invocation): void {
    this.#waiting.delete(invocation);
    const message = this.#closed ? 'The local cloud is stopping' : `Function not found: ${invocation.functionName}`;
    invocation.settle({ ok: false, type: 'ResourceNotFoundException', message });
  }

  #of(name: string): Sandbox[] {
    return [...this.#sandboxes].filter(sandbox => sandbox.deployed.spec.name === name);
  }

  /** Gives waiting invocations to free processes, and starts processes for the others as far as the limits allow. */
  async #dispatch(): Promise<void> {
    if (this.#waiting.size === 0) return;
    const api = await this.#runtimeApi();
    if (this.#closed) return;
    const starting = this.#startingProcesses();
    let background = [...this.#sandboxes].filter(sandbox => sandbox.invocation?.background).length;
    for (const invocation of this.#inOrder()) {
      const deployed = this.#functions.get(invocation.functionName);
      if (invocation.settled || !deployed) {
        this.#waiting.delete(invocation);
        continue;
      }
      if (invocation.background && background >= this.#maxBackground) continue;
      if (!this.#deliver(invocation, deployed) && !claim(starting, deployed)) {
        if (!this.#makeRoom(deployed)) continue;
        this.#start(api, deployed);
      }
      if (invocation.background) background += 1;
    }
  }

  get #maxBackground(): number {
    return Math.max(1, this.#options.maxProcesses - KEPT_FOR_REQUESTS);
  }

  /** How many processes of each function will be ready soon. */
  #startingProcesses(): Map<DeployedFunction, number> {
    const starting = new Map<DeployedFunction, number>();
    for (const { isStarting, isCondemned, deployed } of this.#sandboxes) {
      if (isStarting && !isCondemned) starting.set(deployed, (starting.get(deployed) ?? 0) + 1);
    }
    return starting;
  }

  /** What somebody waits for goes first. */
  #inOrder(): Invocation[] {
    const waiting = [...this.#waiting];
    return [...waiting.filter(({ background }) => !background), ...waiting.filter(({ background }) => background)];
  }

  #deliver(invocation: Invocation, deployed: DeployedFunction): boolean {
    const free = [...this.#sandboxes].filter(sandbox => sandbox.isFree && sandbox.deployed === deployed);
    // The one used last is the warmest; the others may be reaped.
    const warmest = free.sort((a, b) => b.idleSince - a.idleSince)[0];
    if (!warmest) return false;
    this.#waiting.delete(invocation);
    warmest.deliver(invocation);
    return true;
  }

  /** @returns whether one more process of the function may start */
  #makeRoom({ spec }: DeployedFunction): boolean {
    const { reservedConcurrency = Number.POSITIVE_INFINITY } = spec;
    if (this.#of(spec.name).length >= reservedConcurrency) return false;
    if (this.#sandboxes.size < this.#options.maxProcesses) return true;
    if ([...this.#sandboxes].some(sandbox => sandbox.isCondemned)) return false; // one that ends makes room
    const idle = [...this.#sandboxes].filter(sandbox => sandbox.isFree);
    const oldest = idle.sort((a, b) => a.idleSince - b.idleSince)[0];
    const isWarm = oldest !== undefined && oldest.idleSince > performance.now() - KEPT_WARM_MS;
    if (!isWarm || this.#of(spec.name).length === 0) oldest?.kill();
    return false; // there will be room when that process has ended
  }

  #start(api: RuntimeApi, deployed: DeployedFunction): void {
    const events = {
      free: (sandbox: Sandbox) => {
        if (this.#functions.get(deployed.spec.name) === deployed) void this.#dispatch();
        else sandbox.kill();
      },
      gone: (sandbox: Sandbox, initError: FunctionError | undefined) => {
        this.#sandboxes.delete(sandbox);
        if (this.#sandboxes.size === 0) clearInterval(this.#housekeeping);
        if (initError) this.#failNext(deployed.spec.name, initError);
        void this.#dispatch();
      },
    };
    try {
      if (this.#sandboxes.size === 0)
        this.#housekeeping = setInterval(() => void this.#keepHouse(), HOUSEKEEPING_MS).unref();
      this.#sandboxes.add(new Sandbox(this.#host, api, deployed, events));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#failNext(deployed.spec.name, { type: 'Runtime.StartFailed', message });
    }
  }

  /** A process that did not get ready fails the invocation that it was started for. */
  #failNext(name: string, error: FunctionError): void {
    const invocation = this.#inOrder().find(waiting => waiting.functionName === name);
    if (!invocation) return;
    this.#waiting.delete(invocation);
    invocation.settle({ ok: false, ...error });
  }

  #runtimeApi(): Promise<RuntimeApi> {
    this.#api ??= RuntimeApi.start();
    return this.#api;
  }

  async #keepHouse(): Promise<void> {
    const idleBefore = performance.now() - this.#options.idleMs;
    for (const sandbox of this.#sandboxes) if (sandbox.isFree && sandbox.idleSince < idleBefore) sandbox.kill();
    void this.#dispatch(); // some may have idled for long enough to make room
    const working = [...this.#sandboxes].filter(sandbox => sandbox.invocation);
    for (const result of await Promise.allSettled(working.map(sandbox => sandbox.checkMemory()))) {
      if (result.status === 'rejected')
        this.#options.log.line('lambda', `cannot read the memory of a process: ${result.reason}`);
    }
  }
}

/** Takes one of the processes that are starting. @returns whether there was one */
function claim(starting: Map<DeployedFunction, number>, deployed: DeployedFunction): boolean {
  const left = starting.get(deployed) ?? 0;
  if (left === 0) return false;
  starting.set(deployed, left - 1);
  return true;
}
