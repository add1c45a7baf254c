const { format } = process.getBuiltinModule('node:util');

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/**
 * Makes `console` write lines as Lambda does: time, request id, level and message, apart by tabs. A message of several
 * lines stays one line; its line ends become carriage returns.
 */
export function functionConsole() {
  const log = {
    requestId: undefined,
    write(level, message) {
      const fields = [new Date().toISOString(), log.requestId ?? 'undefined', level, message.replaceAll('\n', '\r')];
      process.stdout.write(`${fields.join('\t')}\n`);
    },
    /** An error that the handler did not catch, with its stack. */
    failure(what, error) {
      const stack = error instanceof Error ? (error.stack ?? String(error)) : format(error);
      log.write('ERROR', `${what}: ${stack}`);
    },
  };
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method] = (...values) => log.write(level, format(...values));
  }
  return log;
}
