import type { Log, LogLevel } from '../local/contracts.ts';

export interface TerminalLogOptions {
  /** Shows every line. */
  readonly verbose: boolean;
  readonly write: (line: string) => void;
}

/** What of the local cloud's log a person sees: warnings and errors always, requests once the stack is ready. */
export interface TerminalLog extends Log {
  /** From now on, requests to the API are shown. */
  showRequests(options: { isOwn(line: string): boolean; onDocument(): void }): void;
}

export function createTerminalLog({ verbose, write }: TerminalLogOptions): TerminalLog {
  let shown: Parameters<TerminalLog['showRequests']>[0] | undefined;
  // Asked for each line of the access log, shown or not: it counts them.
  const isNews = (text: string) => shown !== undefined && !shown.isOwn(text);
  return {
    line(source: string, text: string, level: LogLevel = 'warn') {
      // Functions name the document that they work on.
      if (/\bdocumentId=/.test(text)) shown?.onDocument();
      const request = level === 'access' && isNews(text);
      if (verbose) write(`    ${shortName(source)}: ${text}`);
      else if (request) write(`  ${text}`);
      else if (level === 'warn' || level === 'error') write(`  ! ${shortName(source)}: ${text}`);
    },
    showRequests(options) {
      shown = options;
    },
  };
}

/** `Groundwork-dev-IngestionEmbedFunction8FE35115-a445f687` is IngestionEmbed to a person. */
export const shortName = (source: string): string =>
  /^[\w-]+?-(\w+?)(?:Function)?[0-9A-F]{8}-[0-9a-f]{8}$/.exec(source)?.[1] ?? source;
