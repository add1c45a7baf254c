/**
 * npm passes on to its script what the terminal has told the script already, so one Ctrl-C comes twice: a repeat within
 * this time is the same one.
 */
const SAME_MS = 500;

/** Exit status of a program that an interrupt ended, by custom. */
export const INTERRUPTED = 130;

/**
 * Aborted at the first Ctrl-C, SIGTERM, or end of the terminal. A second one does not wait for an orderly end: functions
 * are killed, and what is stored stays whole.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let since = 0;
  const interrupt = () => {
    if (!controller.signal.aborted) {
      since = performance.now();
      controller.abort();
    } else if (performance.now() - since > SAME_MS) {
      process.exit(INTERRUPTED);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  // Nobody reads any more: the terminal has gone, or the other end of a pipe.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => controller.abort());
  return controller.signal;
}
