import type { Log, LogLevel } from '../contracts.ts';
import { lineSplitter, readableLogLine } from './log-lines.ts';

export interface OutputHost {
  readonly log: Log;
  /** Keeps a line of a function as it wrote it. */
  readonly record: (functionName: string, line: string) => void;
}

/** What one process of a function writes, and what is said about it. */
export class FunctionOutput {
  readonly #host: OutputHost;
  readonly #functionName: string;
  /** Of the invocation in hand. */
  readonly #requestId: () => string | undefined;
  #heapExhausted = false;

  constructor(host: OutputHost, functionName: string, requestId: () => string | undefined) {
    this.#host = host;
    this.#functionName = functionName;
    this.#requestId = requestId;
  }

  /** V8's last words have been read. */
  get heapExhausted(): boolean {
    return this.#heapExhausted;
  }

  say(text: string, level: LogLevel): void {
    const requestId = this.#requestId();
    this.#host.record(this.#functionName, `${new Date().toISOString()}\t${requestId ?? '-'}\t${text}`);
    this.#host.log.line(this.#functionName, requestId ? `${text} (${requestId.slice(0, 8)})` : text, level);
  }

  /** @param level of lines that do not name theirs */
  read(output: NodeJS.ReadableStream | null, level: LogLevel): void {
    const lines = lineSplitter(line => {
      if (line.includes('JavaScript heap out of memory')) this.#heapExhausted = true;
      if (!line.trim()) return;
      this.#host.record(this.#functionName, line);
      const readable = readableLogLine(line, this.#requestId());
      if (readable) this.#host.log.line(this.#functionName, readable.text, readable.level ?? level);
    });
    output?.setEncoding('utf8');
    output?.on('data', (text: string) => lines.push(text)).on('end', () => lines.end());
  }
}
