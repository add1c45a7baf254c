/** Decides what goes wrong on purpose, by a plan that can be changed while the cloud runs. */
import { randomInt } from 'node:crypto';
import type { CallFault, Faults, InvocationFault, Log, StreamFault } from '../contracts.ts';
import { compilePattern } from '../iam/patterns.ts';
import { Dice } from './dice.ts';
import { type FaultPlan, parseFaultPlan } from './plan.ts';

/** What a running cloud's faults are. */
export interface FaultReport {
  readonly seed: number;
  readonly plan: FaultPlan;
  /** How often each fault happened, e.g. `{ "bedrock InvokeModel throttle": 3 }`. */
  readonly injected: Readonly<Record<string, number>>;
}
export interface FaultControl extends Faults {
  /** Starts anew with another plan. @throws FaultPlanError */
  change(plan: unknown): FaultReport;
  report(): FaultReport;
}

/** @param plan of `FaultPlanInput`'s form @throws FaultPlanError */
export function createFaults(plan: unknown, log: Log): FaultControl {
  return new PlannedFaults(plan, log);
}

class PlannedFaults implements FaultControl {
  readonly #log: Log;
  #plan: FaultPlan;
  #seed = 0;
  #dice = new Dice(0);
  /** By rule, how often it has struck. */
  readonly #struck = new Map<object, number>();
  readonly #injected = new Map<string, number>();

  constructor(plan: unknown, log: Log) {
    this.#log = log;
    this.#plan = parseFaultPlan({});
    this.change(plan);
  }

  change(input: unknown): FaultReport {
    this.#plan = parseFaultPlan(input);
    this.#seed = this.#plan.seed ?? randomInt(2 ** 32 - 1);
    this.#dice = new Dice(this.#seed);
    this.#struck.clear();
    this.#injected.clear();
    if (!isEmpty(this.#plan)) this.#log.line('faults', `things go wrong on purpose now, with the seed ${this.#seed}`);
    return this.report();
  }

  report(): FaultReport {
    return { seed: this.#seed, plan: this.#plan, injected: Object.fromEntries([...this.#injected].sort()) };
  }

  get failedMessagesReturnMs(): number | undefined {
    return this.#plan.failedMessagesReturnMs;
  }

  ofCall(service: string, operation: string): CallFault | undefined {
    let delayMs = 0;
    for (const [place, rule] of this.#plan.calls.entries()) {
      if (rule.service !== '*' && rule.service !== service) continue;
      if (!fits(rule.operation, operation)) continue;
      const happening = `${service} ${operation} ${rule.fault}`;
      if (!this.#strikes(rule, `calls/${place}/${happening}`, happening)) continue;
      if (rule.fault !== 'delay') return { delayMs, failure: rule.fault };
      delayMs += rule.delayMs;
    }
    return delayMs > 0 ? { delayMs } : undefined;
  }

  ofStream(): StreamFault {
    let pieceDelayMs = 0;
    for (const [place, rule] of this.#plan.streams.entries()) {
      if (!this.#strikes(rule, `streams/${place}`, `stream ${rule.fault}`)) continue;
      if (rule.fault === 'break') return { pieceDelayMs, breakAfterPieces: rule.pieces };
      pieceDelayMs += rule.delayMs;
    }
    return { pieceDelayMs };
  }

  ofInvocation(functionName: string, usualMs: number): InvocationFault | undefined {
    for (const [place, rule] of this.#plan.functions.entries()) {
      if (!fits(rule.function, functionName)) continue;
      const topic = `functions/${place}/${functionName}`;
      if (!this.#strikes(rule, topic, `${functionName} ${rule.fault}`)) continue;
      return { kind: rule.fault, afterMs: this.#dice.draw(`${topic}/moment`) * usualMs };
    }
    return undefined;
  }

  ofDelivery(queue: string): readonly number[] {
    const rule = this.#plan.deliveries.find(candidate => fits(candidate.queue, queue));
    if (!rule) return [0];
    if (this.#dice.happens(`deliveries/${queue}/lose`, rule.lose)) {
      this.#count(`${queue} lose`);
      return [];
    }
    const later = () => this.#dice.draw(`deliveries/${queue}/later`) * rule.withinMs;
    const isLate = this.#dice.happens(`deliveries/${queue}/reorder`, rule.reorder);
    const isTwice = this.#dice.happens(`deliveries/${queue}/duplicate`, rule.duplicate);
    if (isLate) this.#count(`${queue} reorder`);
    if (isTwice) this.#count(`${queue} duplicate`);
    return [isLate ? later() : 0, ...(isTwice ? [later()] : [])];
  }

  #strikes(rule: { rate: number; times?: number | undefined }, topic: string, happening: string): boolean {
    const struck = this.#struck.get(rule) ?? 0;
    if (rule.times !== undefined && struck >= rule.times) return false;
    if (!this.#dice.happens(topic, rule.rate)) return false;
    this.#struck.set(rule, struck + 1);
    this.#count(happening);
    return true;
  }

  #count(happening: string): void {
    this.#injected.set(happening, (this.#injected.get(happening) ?? 0) + 1);
  }
}

const fits = (pattern: string, name: string): boolean =>
  pattern === '*' || compilePattern(pattern)(name, () => undefined);

const isEmpty = ({ calls, streams, functions, deliveries, failedMessagesReturnMs }: FaultPlan): boolean =>
  [calls, streams, functions, deliveries].every(rules => rules.length === 0) && failedMessagesReturnMs === undefined;

/** For servers that run without a plan. */
export const noFaults: Faults = {
  failedMessagesReturnMs: undefined,
  ofCall: () => undefined,
  ofStream: () => ({ pieceDelayMs: 0 }),
  ofInvocation: () => undefined,
  ofDelivery: () => [0],
};
