/** What tells the time, and when it has come. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once when it is `time` or later. @returns what calls it off */
  at(time: number, callback: () => void): () => void;
}

/** A sleeping laptop stops timers: looked at this often, a time that has passed meanwhile is noticed soon. */
const LOOK_EVERY_MS = 30_000;

/** The machine's clock; what waits for it does not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  at(time, callback) {
    let timer: NodeJS.Timeout;
    const look = () => {
      const left = time - Date.now();
      if (left <= 0) return callback();
      timer = setTimeout(look, Math.min(left, LOOK_EVERY_MS)).unref();
    };
    timer = setTimeout(look, 0).unref();
    return () => clearTimeout(timer);
  },
};
