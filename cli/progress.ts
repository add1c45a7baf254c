/** Tells a person what goes on: a line that changes in place on a terminal, plain lines elsewhere. */
export interface Progress {
  /** Starts a step; the one before counts as done. */
  step(text: string): void;
  /** How far the step is. */
  update(detail: string): void;
  /** Ends the last step. */
  done(detail?: string): void;
  /** The last step was not completed. */
  fail(): void;
  /** A line of its own, between the steps. */
  line(text: string): void;
  /** Has something else written to the same terminal, apart from the line that changes. */
  aside(write: () => void): void;
}

/** What is needed of `process.stdout`. */
export interface ProgressOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const REDRAW_MS = 200;
/** Without a terminal, a step that takes long says so each time this has passed. */
const REMIND_MS = 3_000;

interface Step {
  readonly text: string;
  readonly startedAt: number;
  detail: string | undefined;
}

export function createProgress(output: ProgressOutput, env: NodeJS.ProcessEnv = process.env): Progress {
  const changesInPlace = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  let step: Step | undefined;
  let drawn = false;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => {
    if (drawn) output.write('\r\x1b[2K');
    drawn = false;
  };
  const show = () => {
    if (!step) return;
    const seconds = Math.floor((Date.now() - step.startedAt) / 1000);
    const text = `  … ${step.text}${step.detail ? `: ${step.detail}` : ''}${seconds > 0 ? ` (${seconds} s)` : ''}`;
    if (!changesInPlace) {
      output.write(`${text}\n`);
      return;
    }
    clear();
    output.write(text.slice(0, Math.max(20, (output.columns || 80) - 1)));
    drawn = true;
  };
  const end = () => {
    clearInterval(timer);
    clear();
    step = undefined;
  };
  const aside = (write: () => void) => {
    clear();
    write();
    if (changesInPlace) show();
  };
  const finish = (detail?: string) => {
    if (!step) return;
    const { text, startedAt } = step;
    end();
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    output.write(`  ✓ ${text}${detail ? `: ${detail}` : ''} (${seconds} s)\n`);
  };

  return {
    step(text) {
      finish();
      step = { text, startedAt: Date.now(), detail: undefined };
      timer = setInterval(show, changesInPlace ? REDRAW_MS : REMIND_MS).unref();
      if (changesInPlace) show();
    },
    update(detail) {
      if (step) step.detail = detail;
    },
    done: finish,
    fail: end,
    line: text => aside(() => output.write(`${text}\n`)),
    aside,
  };
}
