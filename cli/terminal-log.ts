import type { Log, LogLevel } from '../local/contracts.ts';

export interface TerminalLogOptions {
  /** Shows every line. */
  readonly verbose: boolean;
  readonly write: (line: string) => void;
}

/** What of the local cloud's log a person sees: warnings and errors always, requests once the stack is ready. */
export interface TerminalLog extends Log {
  /** From now on requests are shown, but for those that `isOwn` says are this command's; it is asked about each once. */
  showRequests(isOwn: (line: string) => boolean): void;
  /** From now on `listener` is told when a function works on a document. */
  onDocument(listener: () => void): void;
}

export function createTerminalLog({ verbose, write }: TerminalLogOptions): TerminalLog {
  let isOwn: ((line: string) => boolean) | undefined;
  let listener: (() => void) | undefined;
  return {
    line(source: string, text: string, level: LogLevel = 'warn') {
      // Functions name the document that they work on.
      if (/\bdocumentId=/.test(text)) listener?.();
      const request = level === 'access' && isOwn !== undefined && !isOwn(text);
      if (verbose) write(`    ${shortName(source)}: ${text}`);
      else if (request) write(`  ${text}`);
      else if (level === 'warn' || level === 'error') write(`  ! ${shortName(source)}: ${text}`);
    },
    showRequests(isOwnRequest) {
      isOwn = isOwnRequest;
    },
    onDocument(newListener) {
      listener = newListener;
    },
  };
}

/** `Groundwork-dev-IngestionEmbedFunction8FE35115-a445f687` is IngestionEmbed to a person. */
const shortName = (source: string): string =>
  /^[\w-]+?-(\w+?)(?:Function)?[0-9A-F]{8}-[0-9a-f]{8}$/.exec(source)?.[1] ?? source;
