import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, OPERATOR, startCloud, until } from './lambda-fixture.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const start = (name: string, event: unknown = {}) =>
  cloud.lambda.invokeStreaming(OPERATOR, name, JSON.stringify(event));
const deploy = (name: string, body: string, timeoutSeconds = 20) =>
  cloud.deploy(
    name,
    `export const handler = awslambda.streamifyResponse(async (event, stream, context) => { ${body} });`,
    {
      timeoutSeconds,
    },
  );
const readAll = async (body: AsyncIterable<Buffer>) => Buffer.concat(await Array.fromAsync(body));
const shown = (text: string) => cloud.lines.some(line => line.includes(text));

describe('a streamed reply', () => {
  it('arrives piece by piece, while the function still runs', async () => {
    const code = `stream.write('a');
      while (!fs.existsSync(process.env.HOME + '/go')) await new Promise(r => setTimeout(r, 10));
      stream.end('b');`;
    deploy('pieces', `const fs = process.getBuiltinModule('fs'); ${code}`);
    const { body, result } = start('pieces');
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).value.toString()).toBe('a');
    writeFileSync(join(cloud.directory, 'home', 'pieces', 'go'), '');
    expect((await reader.next()).value.toString()).toBe('b');
    expect((await reader.next()).done).toBe(true);
    expect(await result).toMatchObject({ ok: true });
  });

  it('begins with its status, headers and cookies as a prelude that eight NULs end', async () => {
    const metadata = { statusCode: 201, headers: { 'content-type': 'text/plain' }, cookies: ['a=b'] };
    deploy(
      'http',
      `const http = awslambda.HttpResponseStream.from(stream, ${JSON.stringify(metadata)}); http.end('body');`,
    );
    const reply = await readAll(start('http').body);
    const end = reply.indexOf(Buffer.alloc(8));
    expect(JSON.parse(reply.subarray(0, end).toString())).toEqual(metadata);
    expect(reply.subarray(end + 8).toString()).toBe('body');
  });

  it('has its prelude even without a body', async () => {
    deploy('empty', `awslambda.HttpResponseStream.from(stream, { statusCode: 204 }).end();`);
    expect((await readAll(start('empty').body)).toString()).toBe(`{"statusCode":204}${'\0'.repeat(8)}`);
  });

  it('is the whole reply of a function that does not stream', async () => {
    cloud.deploy('buffered', 'export const handler = async () => ({ statusCode: 200 });');
    expect((await readAll(start('buffered').body)).toString()).toBe('{"statusCode":200}');
  });

  it('is collected when the caller does not want a stream', async () => {
    deploy('json', `stream.write('{"a":'); stream.end('1}');`);
    expect(await cloud.invoke('json')).toEqual({ a: 1 });
  });

  it('holds the function back when the client reads slowly', async () => {
    deploy(
      'flood',
      `let written = 0; const piece = Buffer.alloc(64 * 1024);
       const timer = setInterval(() => console.log('written ' + written), 50);
       for (let i = 0; i < 400; i++) {
         written += 1;
         if (!stream.write(piece)) await new Promise(r => stream.once('drain', r));
       }
       clearInterval(timer); stream.end();`,
    );
    const { body, result } = start('flood');
    const reader = body[Symbol.asyncIterator]();
    let length = (await reader.next()).value.length;
    // The function stands still: it reports the same count again and again.
    const counts = () => cloud.lines.map(line => Number(/written (\d+)/.exec(line)?.[1]));
    await until(() => counts().length > 3 && counts().at(-1) === counts().at(-3), 'the function waits');
    expect(counts().at(-1)).toBeLessThan(400);
    for (let next = await reader.next(); !next.done; next = await reader.next()) length += next.value.length;
    expect(length).toBe(400 * 64 * 1024);
    expect(await result).toMatchObject({ ok: true });
  });
});

describe('a failing stream', () => {
  it('fails as a whole when nothing was written', async () => {
    deploy('early', `awslambda.HttpResponseStream.from(stream, {}); throw new RangeError('early');`);
    const { body, result } = start('early');
    expect(await readAll(body)).toHaveLength(0);
    expect(await result).toEqual({ ok: false, type: 'RangeError', message: 'early' });
  });

  it('ends after what was written, with the error as its result', async () => {
    deploy('midway', `stream.write('some'); throw new RangeError('midway');`);
    const { body, result } = start('midway');
    expect((await readAll(body)).toString()).toBe('some');
    expect(await result).toEqual({ ok: false, type: 'RangeError', message: 'midway' });
  });

  it.each([
    ['exits', 'process.exit(2);', 'Runtime.ExitError'],
    ['runs out of time', 'await new Promise(() => setInterval(() => {}, 1000));', 'Sandbox.Timedout'],
    ['never ends its stream', '', 'Sandbox.Timedout'],
    ['destroys its stream', 'stream.destroy();', 'Runtime.TruncatedResponse'],
  ])('ends when the function %s', async (_what, then, type) => {
    deploy('gone', `stream.write('some'); await new Promise(r => setTimeout(r, 50)); ${then}`, 1);
    const { body, result } = start('gone');
    expect((await readAll(body)).toString()).toBe('some');
    expect(await result).toMatchObject({ ok: false, type });
  });
});

describe('a client that goes away', () => {
  const UNTIL_CLOSED = `const closed = new Promise(r => stream.once('close', r));
    stream.on('error', error => console.log('heard ' + error.message));
    const timer = setInterval(() => stream.write('x'), 20);
    await closed; clearInterval(timer); console.log('stopped the model');`;

  it('closes the response stream in the function, which can then take the next call', async () => {
    deploy('chat', UNTIL_CLOSED);
    const invocation = start('chat');
    await invocation.body[Symbol.asyncIterator]().next();
    invocation.cancel();
    expect(await invocation.result).toMatchObject({ ok: false, type: 'Runtime.ClientClosed' });
    await until(() => shown('stopped the model'), 'the function has heard of it');
    expect(shown('heard The client closed the response stream.')).toBe(true);
    const again = start('chat');
    expect((await again.body[Symbol.asyncIterator]().next()).value.toString()).toBe('x');
    again.cancel();
  });

  it('is told from a reader that simply stops reading, too', async () => {
    deploy('chat', UNTIL_CLOSED);
    for await (const piece of start('chat').body) {
      expect(piece.toString()).toBe('x');
      break;
    }
    await until(() => shown('stopped the model'), 'the function has heard of it');
  });

  it('before the first byte, is noticed when the function begins to write', async () => {
    deploy('late', `console.log('at work'); await new Promise(r => setTimeout(r, 300)); ${UNTIL_CLOSED}`);
    const invocation = start('late');
    await until(() => shown('at work'), 'the function is at work');
    invocation.cancel();
    expect(await readAll(invocation.body)).toHaveLength(0);
    await until(() => shown('stopped the model'), 'the function has heard of it');
  });

  it('while it waits for a process, never reaches the function', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { maxProcesses: 1 } });
    cloud.deploy('busy', 'export const handler = async () => new Promise(r => setTimeout(() => r(1), 300));');
    deploy('never', `console.log('ran'); stream.end();`);
    const busy = cloud.invoke('busy');
    const waiting = start('never');
    waiting.cancel();
    await busy;
    expect(await cloud.invoke('busy')).toBe(1);
    expect(shown('ran')).toBe(false);
  });
});
