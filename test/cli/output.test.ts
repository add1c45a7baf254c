import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { Output, type OutputStream, table } from '../../cli/output.ts';

function collector(isTTY = false): OutputStream & { text: string } {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      written.text += String(chunk);
      done();
    },
  });
  const written = Object.assign(stream, { text: '', isTTY });
  return written;
}

it('gives programs lines of JSON and nothing else', () => {
  const [stdout, stderr] = [collector(), collector()];
  const output = new Output(true, stdout, stderr, {});
  output.result({ key: 'a' }, 'a is there');
  output.line('for people');
  output.write('for people');
  output.note('beside');
  expect(stdout.text).toBe('{"key":"a"}\n');
  expect(stderr.text).toBe('beside\n');
});

it('takes out what would steer the terminal, and keeps lines and letters', () => {
  const stdout = collector(true);
  const output = new Output(false, stdout, collector(), {});
  output.write('a\u001b[2J\u001b]0;title\u0007b\rc\n\td\u009b31m\u202ex é 漢');
  expect(stdout.text).toBe('a[2J]0;titlebc\n\td31mx é 漢');
});

it.each([
  { isTTY: true, env: {}, styled: true },
  { isTTY: true, env: { NO_COLOR: '1' }, styled: false },
  { isTTY: true, env: { TERM: 'dumb' }, styled: false },
  { isTTY: false, env: {}, styled: false },
])('styles for $isTTY, $env: $styled', ({ isTTY, env, styled }) => {
  const stdout = collector(isTTY);
  new Output(false, stdout, collector(), env).line('x', 'bold');
  expect(stdout.text.includes('\u001b')).toBe(styled);
});

it('aligns columns', () => {
  expect(
    table([
      ['a', 'long', 'end'],
      ['bbb', 'c', 'the end'],
    ]),
  ).toEqual(['a    long  end', 'bbb  c     the end']);
});
