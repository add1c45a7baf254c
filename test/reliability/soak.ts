const minutes = Number(process.env.SOAK_MINUTES ?? 0);

/** `npm run soak` repeats what `npm test` does a few times, with other seeds, for SOAK_MINUTES. */
export const isSoak = minutes > 0;
export const soakMs = minutes * 60_000;

/** @param count how often in `npm test`; a soak goes on until its time is over */
export function* runs(count: number): Generator<number> {
  const end = Date.now() + soakMs;
  for (let run = 0; isSoak ? Date.now() < end : run < count; run += 1) yield run;
}
