import type { LogLevel } from '../contracts.ts';

/** Keys of structured logs that say on every line what is known anyway. */
const NOISE = new Set([
  'cold_start',
  'function_arn',
  'function_memory_size',
  'function_name',
  'function_request_id',
  'level',
  'message',
  'sampling_rate',
  'service',
  'timestamp',
  'xray_trace_id',
]);
const STACK_LINES = 6;

export interface ReadableLine {
  readonly text: string;
  /** Undefined when the line does not say. */
  readonly level: LogLevel | undefined;
}

/**
 * One line that a function wrote, as a person at a terminal wants to read it.
 * @param requestId of the invocation in hand, for lines that do not name theirs
 * @returns undefined for lines that are not for people: metrics in the embedded metric format
 */
export function readableLogLine(line: string, requestId: string | undefined): ReadableLine | undefined {
  const entry = parseEntry(line);
  if (entry) {
    const text = readableEntry(entry, requestId);
    return text === undefined ? undefined : { text, level: levelOf(entry.level) };
  }
  const [, ownRequestId, level, message = ''] = /^\d{4}-\S+Z\t([\w-]+)\t([A-Z]+)\t(.*)$/s.exec(line) ?? [];
  if (!level) return { text: withRequestId(line, requestId), level: undefined };
  const [first = '', ...rest] = message.split('\r');
  const shown = rest.slice(0, STACK_LINES).map(extra => `\n  ${extra.trimEnd()}`);
  const text = withRequestId(`${level} ${first}`, ownRequestId === 'undefined' ? undefined : ownRequestId);
  return { text: `${text}${shown.join('')}`, level: levelOf(level) };
}

/** Of a level as loggers and Lambda's console write it. */
function levelOf(word: unknown): LogLevel | undefined {
  if (typeof word !== 'string') return undefined;
  if (/^(?:trace|debug|info)$/i.test(word)) return 'info';
  if (/^warn(?:ing)?$/i.test(word)) return 'warn';
  return /^(?:error|critical|fatal)$/i.test(word) ? 'error' : undefined;
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // text that happens to begin with a brace
  }
}

function readableEntry(entry: Record<string, unknown>, requestId: string | undefined): string | undefined {
  if (isRecord(entry._aws) && 'CloudWatchMetrics' in entry._aws) return undefined;
  const values = Object.entries(entry).filter(([key, value]) => !NOISE.has(key) && value !== undefined);
  const words = [
    ...[entry.level, entry.message].filter(value => typeof value === 'string'),
    ...values.map(([key, value]) => `${key}=${readableValue(value)}`),
  ];
  const own = entry.function_request_id;
  return withRequestId(words.join(' '), typeof own === 'string' ? own : requestId);
}

/** An error's name, message and place instead of its whole stack; other objects as JSON. */
function readableValue(value: unknown): string {
  if (isRecord(value) && typeof value.name === 'string' && typeof value.message === 'string') {
    const place = value.location ? ` at ${value.location}` : '';
    const cause = value.cause ? ` (cause: ${readableValue(value.cause)})` : '';
    return JSON.stringify(`${value.name}: ${value.message}${place}${cause}`);
  }
  return typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
}

const withRequestId = (text: string, requestId: string | undefined) =>
  requestId ? `${text} (${requestId.slice(0, 8)})` : text;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Cuts a stream of text into lines; `end` gives the last one, which may have no line end. */
export function lineSplitter(onLine: (line: string) => void) {
  let rest = '';
  return {
    push(text: string): void {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    },
    end(): void {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}
