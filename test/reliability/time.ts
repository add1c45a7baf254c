const minutes = Number(process.env.SOAK_MINUTES ?? 0);

/** `npm run soak` repeats what `npm test` does a few times, with other seeds, for SOAK_MINUTES. */
const isSoak = minutes > 0;
const soakMs = minutes * 60_000;

/**
 * What a file may take of the three minutes that both have in `npm test`, start and stop included. What there is no time
 * for is left out: a slow machine writes fewer documents. A soak, and a run that a SEED repeats, leave nothing out.
 */
const isLimited = !isSoak && process.env.SEED === undefined;
const SHARES_MS = { convergence: 60_000, reliability: 115_000 };
/** Of a share: to write in, the rest being for what is still under way then. */
const WRITING = 0.5;
const UNLIMITED_MS = 600_000;

const loadedAt = Date.now();

/** The time of one file, counted from when it is loaded. */
export function timeOf(file: keyof typeof SHARES_MS) {
  const share = isLimited ? SHARES_MS[file] : UNLIMITED_MS;
  return {
    /** For the test itself, in milliseconds. */
    timeoutMs: isSoak ? soakMs * 2 : share,
    /** Milliseconds that a wait may take. */
    left: () => (isSoak ? UNLIMITED_MS : Math.max(0, loadedAt + share - Date.now())),
    /** How much of the time for writing is over, 0 to 1 and beyond; always 0 where nothing is left out. */
    written: () => (isLimited ? (Date.now() - loadedAt) / (share * WRITING) : 0),
  };
}

/**
 * @param count how often in `npm test`, less when the time is too short for another one as long as the longest; a soak goes
 *   on until its time is over
 */
export function* runs(count: number, left: () => number): Generator<number> {
  const soakEnd = Date.now() + soakMs;
  let longest = 0;
  for (let run = 0; isSoak ? Date.now() < soakEnd : run < count && left() > longest; run += 1) {
    const startedAt = Date.now();
    yield run;
    longest = Math.max(longest, Date.now() - startedAt);
  }
}
