import { expect, it } from 'vitest';
import { parseStartOptions } from '../../cli/options.ts';
import { UsageError } from '../../cli/parse-arguments.ts';
import { createTerminalLog } from '../../cli/terminal-log.ts';

function terminal(verbose: boolean) {
  const lines: string[] = [];
  return { lines, log: createTerminalLog({ verbose, write: line => lines.push(line) }) };
}

it('shows warnings and errors, and requests of others once it is told which are its own', () => {
  const { lines, log } = terminal(false);
  log.line('api', 'GET /documents 200 (1 ms)', 'access');
  log.showRequests(line => line.includes('/documents'));
  log.line('api', 'GET /documents 200 (1 ms)', 'access');
  log.line('api', 'POST /chat 200 (1 ms)', 'access');
  log.line('Stack-dev-WorkFunction0123ABCD-0123abcd', 'INFO handled', 'info');
  log.line('Stack-dev-WorkFunction0123ABCD-0123abcd', 'ERROR broken', 'error');
  log.line('s3', 'an event is lost');
  expect(lines).toEqual(['  POST /chat 200 (1 ms)', '  ! Work: ERROR broken', '  ! s3: an event is lost']);
});

it('shows everything when asked to', () => {
  const { lines, log } = terminal(true);
  log.line('Stack-dev-WorkFunction0123ABCD-0123abcd', 'INFO handled', 'info');
  log.line('api', 'GET / 200 (1 ms)', 'access');
  expect(lines).toEqual(['    Work: INFO handled', '    api: GET / 200 (1 ms)']);
});

it('tells when a function works on a document', () => {
  const { log } = terminal(false);
  let touched = 0;
  log.onDocument(() => (touched += 1));
  log.line('f', 'INFO Event handled documentId=82fe version=1', 'info');
  log.line('f', 'INFO Vector index is as asked', 'info');
  expect(touched).toBe(1);
});

it('takes the port from the option, or else from the environment', () => {
  expect(parseStartOptions(['--port', '0'], { PORT: '81' })?.port).toBe(0);
  expect(parseStartOptions([], { PORT: '81' })?.port).toBe(81);
  expect(parseStartOptions([], { PORT: '' })?.port).toBe(4566);
  for (const port of ['-1', '65536', '1e3', '', 'x']) {
    expect(() => parseStartOptions([`--port=${port}`], {})).toThrow(UsageError);
  }
});
