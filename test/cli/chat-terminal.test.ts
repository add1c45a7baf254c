import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../cli/main.ts');

interface Question {
  readonly message: string;
  readonly conversationId?: string;
}

let server: Server;
let restUrl: string;
let asked: Question[];
let hungUp: number;
beforeEach(async () => {
  asked = [];
  hungUp = 0;
  server = createServer(async (request, response) => {
    const question = (await json(request)) as Question;
    asked.push(question);
    if (question.message === 'Too much?') {
      const headers = { 'content-type': 'application/problem+json', 'retry-after': '86400' };
      response.writeHead(429, headers).end(JSON.stringify({ type: '/problems/budget-spent', detail: 'It is spent.' }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.once('close', () => {
      if (!response.writableFinished) hungUp += 1;
    });
    const tell = (event: string, data: object) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    tell('text-delta', { text: 'At seven' });
    if (question.message === 'For ever?') return;
    tell('text-delta', { text: ' [1].' });
    tell('completed', answerOf(question.conversationId ?? `conversation-${asked.length}`));
    response.end();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const answerOf = (conversationId: string) => ({
  ...{ conversationId, turnId: 'turn', answer: 'At seven [1].', refused: false, grounded: true, latencyMs: 1_200 },
  usage: { inputTokens: 10, outputTokens: 3, costUsd: 0.0001 },
  citations: [
    { n: 1, title: 'Visit', key: 'documents/visit.md', place: { page: 3 }, quote: 'opens at seven', supported: true },
  ],
});

/** The command on a terminal of its own, as util-linux's `script` makes one. */
function onTerminal() {
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `'${process.execPath}' '${main}' chat`, '/dev/null'],
    {
      env: {
        ...{ PATH: process.env.PATH, TERM: 'xterm', SHELL: '/bin/sh', XDG_CONFIG_HOME: '/nowhere' },
        ...{ GROUNDWORK_URL: restUrl, GROUNDWORK_API_KEY: 'key' },
      },
    },
  );
  let shown = '';
  child.stdout.on('data', data => {
    shown += data;
  });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {
    type: (keys: string) => child.stdin.write(keys),
    shown: () => stripVTControlCharacters(shown).replaceAll('\r', ''),
    closed,
    end: () => child.kill('SIGKILL'),
  };
}

const WAIT = { timeout: 20_000, interval: 50 };
const promptsIn = (text: string): number => text.split('› ').length - 1;

describe.runIf(process.platform === 'linux')('a conversation on a terminal', () => {
  let terminal: ReturnType<typeof onTerminal>;
  beforeEach(async () => {
    terminal = onTerminal();
    await expect.poll(() => promptsIn(terminal.shown()), WAIT).toBeGreaterThan(0);
  });
  afterEach(() => terminal.end());

  /** Types a line, and waits until the command asks for the next. */
  async function say(line: string): Promise<string> {
    const before = terminal.shown().length;
    terminal.type(`${line}\r`);
    const since = () => terminal.shown().slice(before);
    await expect.poll(() => since().includes('\n› '), WAIT).toBe(true);
    return since();
  }

  it('goes on until /quit, and begins another with /new', async () => {
    const answer = await say('When does it open?');
    expect(answer).toContain('At seven [1].\n');
    expect(answer).toContain('[1] Visit, page 3: "opens at seven" (documents/visit.md)');
    await say('And on Sundays?');
    await say('/new');
    await say('Who keeps the tower?');
    terminal.type('/quit\r');
    expect(await terminal.closed).toBe(0);
    expect(asked).toEqual([
      { message: 'When does it open?' },
      { message: 'And on Sundays?', conversationId: 'conversation-1' },
      { message: 'Who keeps the tower?' },
    ]);
  });

  it('outlives a question that fails, and sends no empty one', async () => {
    expect(await say('Too much?')).toContain('It is spent.');
    await say('');
    expect(await say('When does it open?')).toContain('At seven');
    expect(asked.map(({ message }) => message)).toEqual(['Too much?', 'When does it open?']);
    terminal.type('\x04'); // Ctrl-D
    expect(await terminal.closed).toBe(0);
  });

  it('stops an answer with Ctrl-C, at the server too, and goes on', async () => {
    terminal.type('For ever?\r');
    await expect.poll(terminal.shown, WAIT).toContain('At seven');
    terminal.type('\x03');
    await expect.poll(() => promptsIn(terminal.shown()), WAIT).toBe(2);
    expect(terminal.shown()).toContain('Stopped.');
    await expect.poll(() => hungUp, WAIT).toBe(1);
    expect(await say('When does it open?')).toContain('At seven [1].');
  });

  it('ends with Ctrl-C while none comes', async () => {
    terminal.type('\x03');
    expect(await terminal.closed).toBe(130);
  });
});
