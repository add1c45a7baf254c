/** What was used of one model. */
export interface ModelUse {
  readonly modelId: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars, estimated. */
  readonly usd: number;
}

/** What one user used on one day of UTC. */
export interface DayUse {
  /** `2026-11-21` */
  readonly day: string;
  readonly userId: string;
  /** What the user was called the last time, where the identity tells a name. */
  readonly name?: string;
  /** Questions that were answered, or failed on the way. */
  readonly answers: number;
  readonly models: readonly ModelUse[];
}

/** Who used which models on which day: for reports, while `SpendStore` is what limits are decided by. */
export interface UsageLedger {
  /** Adds what was used; each call counts. */
  record(
    user: { readonly tenant: string; readonly userId: string; readonly name?: string },
    at: Date,
    used: { readonly answers: number; readonly models: readonly ModelUse[] },
  ): Promise<void>;
  /**
   * The days of a tenant from one to another (inclusive, `2026-11-21`), by day and user.
   * Days are forgotten some time after the year that follows them.
   */
  read(tenant: string, from: string, to: string): Promise<DayUse[]>;
}
