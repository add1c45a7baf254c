/** Wrong passwords in a row that cost nothing. */
const FREE = 5;
const LONGEST_MS = 15 * 60_000;

/** Keeps whoever tries passwords waiting: a second after the fifth wrong one, then twice as long each time. */
export class Attempts {
  readonly #failures = new Map<string, { readonly count: number; readonly lockedUntil: number }>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }
  isLocked(name: string): boolean {
    return (this.#failures.get(name)?.lockedUntil ?? 0) > this.#now();
  }
  fail(name: string): void {
    const before = this.#failures.get(name);
    // After a quarter of an hour without an attempt everything is forgotten.
    const isFresh = !before || before.lockedUntil + LONGEST_MS < this.#now();
    const count = isFresh ? 1 : before.count + 1;
    const waitMs = count < FREE ? 0 : Math.min(1000 * 2 ** (count - FREE), LONGEST_MS);
    this.#failures.set(name, { count, lockedUntil: this.#now() + waitMs });
  }
  succeed(name: string): void {
    this.#failures.delete(name);
  }
}
