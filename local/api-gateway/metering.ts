import { randomInt } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ApiKey, ApiKeySpec, MethodThrottle, StageSpec, Throttle, UsagePlanSpec } from './model.ts';

/** One request to a method, as limits see it. */
export interface MeteredCall {
  readonly stage: StageSpec;
  readonly resourcePath: string;
  readonly httpMethod: string;
  /** The key of a method that asks for one. */
  readonly apiKey: ApiKey | undefined;
}

/** API keys, usage plans and throttling. Keys and quotas are kept; token buckets start full at each start. */
export class Metering {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  readonly #keys = new Map<string, ApiKey>();
  readonly #plans = new Map<string, UsagePlanSpec>();
  /** Plan ids by key id. */
  readonly #plansOfKey = new Map<string, Set<string>>();
  readonly #buckets = new Map<string, TokenBucket>();

  /** @param now milliseconds since 1970 */
  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
    database.exec(`
      CREATE TABLE IF NOT EXISTS api_keys (id TEXT PRIMARY KEY, value TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS api_key_usage (
        plan TEXT NOT NULL, key TEXT NOT NULL, period TEXT NOT NULL, requests INTEGER NOT NULL,
        PRIMARY KEY (plan, key, period)) STRICT`);
  }

  keys(): ApiKey[] {
    return [...this.#keys.values()];
  }
  putKey(spec: ApiKeySpec): void {
    const stored = this.#database.prepare('SELECT value, created_at FROM api_keys WHERE id = ?').get(spec.id);
    const value = spec.value ?? (stored ? String(stored.value) : newKeyValue());
    const createdAt = stored ? Number(stored.created_at) : Math.floor(this.#now() / 1000);
    this.#database.prepare('INSERT OR REPLACE INTO api_keys VALUES (?, ?, ?)').run(spec.id, value, createdAt);
    this.#keys.set(spec.id, { ...spec, value, createdAt });
  }
  deleteKey(id: string): void {
    this.#keys.delete(id);
    this.#plansOfKey.delete(id);
    this.#database.prepare('DELETE FROM api_keys WHERE id = ?').run(id);
  }
  putPlan(spec: UsagePlanSpec): void {
    this.#plans.set(spec.id, spec);
  }
  deletePlan(id: string): void {
    this.#plans.delete(id);
  }
  putPlanKey(planId: string, keyId: string): void {
    this.#plansOfKey.set(keyId, (this.#plansOfKey.get(keyId) ?? new Set()).add(planId));
  }
  deletePlanKey(planId: string, keyId: string): void {
    this.#plansOfKey.get(keyId)?.delete(planId);
  }

  /** @returns the key of that value, when it is enabled and a usage plan of it covers the stage */
  keyFor(value: string | undefined, stage: StageSpec): ApiKey | undefined {
    const key = value === undefined ? undefined : this.keys().find(known => known.enabled && known.value === value);
    return key && this.#planFor(key, stage) ? key : undefined;
  }

  /** Counts a call, and says by which limit it is refused, if by any. */
  admit(call: MeteredCall): 'THROTTLED' | 'QUOTA_EXCEEDED' | undefined {
    const { stage, apiKey } = call;
    const plan = apiKey && this.#planFor(apiKey, stage);
    if (apiKey && plan) {
      const planStage = plan.stages.find(({ apiId, stage: name }) => apiId === stage.apiId && name === stage.name);
      const method = closestThrottle(planStage?.throttles ?? [], call);
      const owner = `${plan.id}/${apiKey.id}`;
      if (method && !this.#take(`${owner}/${methodId(call)}`, method)) return 'THROTTLED';
      if (plan.throttle && !this.#take(owner, plan.throttle)) return 'THROTTLED';
    }
    const throttle = closestThrottle(stage.throttles, call);
    if (throttle && !this.#take(methodId(call), throttle)) return 'THROTTLED';
    return apiKey && plan && this.#isSpent(plan, apiKey) ? 'QUOTA_EXCEEDED' : undefined;
  }

  #planFor(key: ApiKey, { apiId, name }: StageSpec): UsagePlanSpec | undefined {
    const plans = [...(this.#plansOfKey.get(key.id) ?? [])].flatMap(id => this.#plans.get(id) ?? []);
    return plans.find(({ stages }) => stages.some(stage => stage.apiId === apiId && stage.stage === name));
  }

  #take(owner: string, throttle: Throttle): boolean {
    const bucket = this.#buckets.get(owner) ?? newBucket(throttle, this.#now());
    this.#buckets.set(owner, bucket);
    return takeToken(bucket, throttle, this.#now());
  }

  #isSpent({ id, quota }: UsagePlanSpec, key: ApiKey): boolean {
    if (!quota) return false;
    const counted = this.#database
      .prepare(
        `INSERT INTO api_key_usage VALUES (?, ?, ?, 1)
         ON CONFLICT DO UPDATE SET requests = requests + 1 RETURNING requests`,
      )
      .get(id, key.id, periodOf(quota.period, this.#now()));
    return Number(counted?.requests) > quota.limit;
  }
}

interface TokenBucket {
  tokens: number;
  /** Milliseconds since 1970. */
  filledAt: number;
}

const newBucket = ({ burstLimit }: Throttle, now: number): TokenBucket => ({ tokens: burstLimit, filledAt: now });

/** Takes one token, after putting in what has come since the last time. */
function takeToken(bucket: TokenBucket, { rateLimit, burstLimit }: Throttle, now: number): boolean {
  const since = Math.max(0, now - bucket.filledAt) / 1000;
  bucket.tokens = Math.min(burstLimit, bucket.tokens + since * rateLimit);
  bucket.filledAt = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

const methodId = ({ stage, resourcePath, httpMethod }: MeteredCall) =>
  `${stage.apiId}/${stage.name}/${httpMethod}${resourcePath}`;

/** The setting of the method itself, of its resource, of the method everywhere, or of everything. */
function closestThrottle(
  throttles: readonly MethodThrottle[],
  { resourcePath, httpMethod }: MeteredCall,
): MethodThrottle | undefined {
  const fits = throttles.filter(throttle => {
    const path = throttle.resourcePath === '/*' || throttle.resourcePath === resourcePath;
    return path && (throttle.httpMethod === '*' || throttle.httpMethod === httpMethod);
  });
  const specificity = (throttle: MethodThrottle) =>
    (throttle.resourcePath === '/*' ? 0 : 2) + (throttle.httpMethod === '*' ? 0 : 1);
  return fits.sort((a, b) => specificity(b) - specificity(a))[0];
}

/** The first day of the period, in UTC, e.g. `2026-11-01`. */
function periodOf(period: 'DAY' | 'WEEK' | 'MONTH', now: number): string {
  const day = new Date(now);
  if (period === 'MONTH') day.setUTCDate(1);
  // Weeks start on Sunday.
  if (period === 'WEEK') day.setUTCDate(day.getUTCDate() - day.getUTCDay());
  return day.toISOString().slice(0, 10);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const newKeyValue = () => Array.from({ length: 40 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
