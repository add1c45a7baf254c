import type { TermStatisticsStore } from '../ports.ts';
import type { TermStatistics } from './term-statistics.ts';

/** The rarity of words moves slowly; a question waits for the first read only. */
const FRESH_MS = 60_000;

export interface StatisticsReader {
  /** @returns undefined while nothing was counted; never fails, since a question can be asked without */
  read(tenant: string): Promise<TermStatistics | undefined>;
}

interface Entry {
  readonly readAt: number;
  readonly statistics: Promise<TermStatistics | undefined>;
}

/**
 * Keeps what was read for as long as the function is warm. Old statistics serve while newer ones are being read, and for
 * good when they cannot be: `onFailure` hears of it.
 */
export function cachedStatistics(
  store: Pick<TermStatisticsStore, 'read'>,
  onFailure: (error: unknown) => void,
  now: () => number = Date.now,
): StatisticsReader {
  const entries = new Map<string, Entry>();

  function readAnew(tenant: string, before: Entry | undefined): Promise<TermStatistics | undefined> {
    const readAt = now();
    const fallback = before?.statistics ?? Promise.resolve(undefined);
    const statistics = store.read(tenant).catch((error: unknown) => {
      onFailure(error);
      return fallback;
    });
    entries.set(tenant, { readAt, statistics: before ? before.statistics : statistics });
    void statistics.then(() => entries.set(tenant, { readAt, statistics }));
    return before ? before.statistics : statistics;
  }

  return {
    read(tenant) {
      const entry = entries.get(tenant);
      if (entry && now() - entry.readAt < FRESH_MS) return entry.statistics;
      return readAnew(tenant, entry);
    },
  };
}
