/** Tells a person what goes on: a line that changes in place on a terminal, a line a step elsewhere. */
export interface Progress {
  /** Starts a step; the one before counts as done. */
  step(text: string): void;
  /** How far the step is. */
  update(detail: string): void;
  /** Ends the last step. */
  done(detail?: string): void;
  /** A line of its own, between the steps. */
  line(text: string): void;
}

export function createProgress(output: NodeJS.WriteStream): Progress {
  let current: { text: string; startedAt: number } | undefined;
  let drawn = false;

  const clear = () => {
    if (drawn) output.write('\r\x1b[2K');
    drawn = false;
  };
  const draw = (text: string) => {
    if (!output.isTTY) return;
    clear();
    output.write(text.slice(0, Math.max(20, (output.columns ?? 80) - 1)));
    drawn = true;
  };
  const finish = (detail?: string) => {
    if (!current) return;
    clear();
    const seconds = ((Date.now() - current.startedAt) / 1000).toFixed(1);
    output.write(`  ✓ ${current.text}${detail ? `: ${detail}` : ''} (${seconds} s)\n`);
    current = undefined;
  };

  return {
    step(text) {
      finish();
      current = { text, startedAt: Date.now() };
      draw(`  … ${text}`);
    },
    update(detail) {
      if (current) draw(`  … ${current.text}: ${detail}`);
    },
    done: finish,
    line(text) {
      clear();
      output.write(`${text}\n`);
    },
  };
}
