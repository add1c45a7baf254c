import { styleText } from 'node:util';

/** What is needed of `process.stdout` and `process.stderr`. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };
type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Documents and models decide about text, not about the terminal: what would steer it is taken out. */
const printable = (text: string): string => text.replace(CONTROLS, '');

/** Where a command's result goes: text for people, or lines of JSON for programs, never both. */
export class Output {
  readonly json: boolean;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #env: NodeJS.ProcessEnv;

  readonly #aside: (write: () => void) => void;

  /** @param aside has something written where a line may be changing in place */
  constructor(
    json: boolean,
    stdout: OutputStream,
    stderr: OutputStream,
    env: NodeJS.ProcessEnv,
    aside: (write: () => void) => void = write => write(),
  ) {
    this.#aside = aside;
    this.json = json;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#env = env;
  }

  /** One result: `value` as a line of JSON, or `lines` of text. */
  result(value: unknown, ...lines: readonly string[]): void {
    if (this.json) this.#aside(() => this.#stdout.write(`${JSON.stringify(value)}\n`));
    else for (const line of lines) this.line(line);
  }

  /** A line for people; programs do not get it. */
  line(text: string, style?: Style): void {
    this.write(`${text}\n`, style);
  }

  /** Text for people, as it comes. */
  write(text: string, style?: Style): void {
    if (!this.json) this.#aside(() => this.#stdout.write(this.#styled(this.#stdout, printable(text), style)));
  }

  /** Beside the result, for people, whatever form the result has. */
  note(text: string, style?: Style): void {
    this.#aside(() => this.#stderr.write(`${this.#styled(this.#stderr, printable(text), style)}\n`));
  }

  #styled(stream: OutputStream, text: string, style: Style | undefined): string {
    const plain = style === undefined || !stream.isTTY || this.#env.NO_COLOR || this.#env.TERM === 'dumb';
    return plain ? text : styleText(style, text, { validateStream: false });
  }
}

/** Columns as wide as their widest cell; the last one is left as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  }
  return rows.map(row =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
  );
}
