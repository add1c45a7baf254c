import type { Clock } from '../../local/events/clock.ts';

/** A clock that stands still until it is set forward. */
export function settableClock(start: string): Clock & { set(time: string): void } {
  let now = Date.parse(start);
  const waiting = new Set<{ readonly time: number; readonly callback: () => void }>();
  return {
    now: () => now,
    at(time, callback) {
      const entry = { time, callback };
      waiting.add(entry);
      return () => void waiting.delete(entry);
    },
    set(time) {
      now = Date.parse(time);
      for (const entry of [...waiting].filter(due => due.time <= now)) {
        waiting.delete(entry);
        entry.callback();
      }
    },
  };
}
