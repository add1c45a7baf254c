import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamResponseEvent,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Cloud, isAlive, OPERATOR, startCloud, until } from './lambda-fixture.ts';

let cloud: Cloud;
beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const PID = 'export const handler = async () => process.pid;';

describe('handlers', () => {
  it('returns what the handler resolves to, and null for nothing', async () => {
    cloud.deploy('echo', 'export const handler = async event => event.back;');
    expect(await cloud.invoke('echo', { back: { text: 'häl' } })).toEqual({ text: 'häl' });
    expect(await cloud.invoke('echo')).toBeNull();
  });

  it.each([
    [
      'a CommonJS bundle',
      { 'index.js': 'exports.handler = async () => require("./other").value;', 'other.js': 'exports.value = 1;' },
    ],
    ['a CommonJS file', { 'index.cjs': 'exports.handler = async () => 1;' }],
    [
      'an ES module with .js',
      { 'index.js': 'import fs from "node:fs"; export const handler = async () => fs.existsSync("/") && 1;' },
    ],
    [
      'its own package.json',
      { 'index.js': 'export const handler = async () => 1;', 'package.json': '{"type":"module"}' },
    ],
  ])('loads %s, whatever package.json lies above the code', async (_what, files) => {
    cloud.deploy('above', { '../package.json': '{"type":"module"}', ...files });
    expect(await cloud.invoke('above')).toBe(1);
  });

  it('finds a handler in a folder', async () => {
    cloud.deploy(
      'deep',
      { 'src/app.mjs': 'export const api = { run: async () => "deep" };' },
      { handler: 'src/app.api.run' },
    );
    expect(await cloud.invoke('deep')).toBe('deep');
  });

  it('gives the context of Lambda', async () => {
    const code = `export const handler = async (event, context) => ({
      ...context, remaining: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID });`;
    cloud.deploy('context', code);
    const context = await cloud.invoke('context');
    expect(context).toMatchObject({
      functionName: 'context',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:context',
      logGroupName: '/aws/lambda/context',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      trace: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/),
    });
    expect(context.remaining).toBeGreaterThan(0);
    expect(context.remaining).toBeLessThanOrEqual(20_000);
  });

  it('sees the environment of Lambda and nothing of this process', async () => {
    process.env.SECRET_OF_THE_PARENT = 'x';
    cloud.deploy('env', 'export const handler = async () => process.env;', {
      environment: { OWN: '1', AWS_REGION: 'x' },
    });
    const env = await cloud.invoke('env');
    delete process.env.SECRET_OF_THE_PARENT;
    expect(env).toMatchObject({
      OWN: '1',
      AWS_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_ENDPOINT_URL: cloud.client.endpoint,
      TZ: ':UTC',
      HOME: expect.stringContaining(cloud.directory),
    });
    expect(env).not.toHaveProperty('SECRET_OF_THE_PARENT');
    expect(env).not.toHaveProperty('USER');
    expect(cloud.iam.credentialsOf(env.AWS_ACCESS_KEY_ID)).toMatchObject({ functionName: 'env' });
  });

  it.each([
    ['throws', 'export const handler = async () => { throw new RangeError("too far"); };', 'RangeError', 'too far'],
    [
      'rejects out of sight',
      'export const handler = () => { Promise.reject(new Error("lost")); return new Promise(() => {}); };',
      'Runtime.UnhandledPromiseRejection',
      'lost',
    ],
    ['exits', 'export const handler = async () => process.exit(3);', 'Runtime.ExitError', 'exit status 3'],
    ['does not load', 'throw new TypeError("at init");', 'TypeError', 'at init'],
    ['has no such export', 'export const other = 1;', 'Runtime.HandlerNotFound', 'index.handler'],
    [
      'takes a callback',
      'export const handler = (event, context, done) => done();',
      'Runtime.CallbackHandlerDeprecated',
      'async',
    ],
    [
      'returns a cycle',
      'export const handler = async () => { const a = {}; a.a = a; return a; };',
      'TypeError',
      'circular',
    ],
  ])('fails when the function %s', async (_what, code, type, message) => {
    cloud.deploy('broken', code);
    expect(await cloud.invoke('broken')).toEqual({ ok: false, type, message: expect.stringContaining(message) });
  });

  it('fails when the reply is longer than 6 MB, and goes on with the next', async () => {
    cloud.deploy('long', 'export const handler = async ({ bytes }) => "x".repeat(bytes);');
    expect(await cloud.invoke('long', { bytes: 7_000_000 })).toMatchObject({ type: 'Function.ResponseSizeTooLarge' });
    expect(await cloud.invoke('long', { bytes: 6_000_000 })).toHaveLength(6_000_000);
  });
});

describe('limits', () => {
  it('kills a function after its timeout with all it started, and says so', async () => {
    const code = `import { spawn } from 'node:child_process';
      export const handler = async () => {
        const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
        console.log('started ' + process.pid + ' ' + child.pid);
        for (;;);
      };`;
    cloud.deploy('slow', code, { timeoutSeconds: 1 });
    expect(await cloud.invoke('slow')).toEqual({
      ok: false,
      type: 'Sandbox.Timedout',
      message: 'Task timed out after 1 seconds',
    });
    const pids =
      cloud.lines
        .join('\n')
        .match(/started (\d+) (\d+)/)
        ?.slice(1)
        .map(Number) ?? [];
    expect(pids).toHaveLength(2);
    await until(() => !pids.some(isAlive), 'the processes are gone');
    expect(cloud.lines.join('\n')).toContain('slow: ERROR Sandbox.Timedout: Task timed out after 1 seconds');
  });

  it('kills a function that does not get ready', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { initTimeoutMs: 500 } });
    cloud.deploy(
      'never',
      'await new Promise(resolve => setTimeout(resolve, 60_000)); export const handler = async () => 1;',
    );
    expect(await cloud.invoke('never')).toMatchObject({
      type: 'Sandbox.Timedout',
      message: expect.stringContaining('init'),
    });
  });

  it.each([
    [
      'buffers',
      'const kept = []; export const handler = async () => { for (;;) { kept.push(Buffer.alloc(5e6, 1)); await new Promise(r => setTimeout(r, 5)); } };',
    ],
    ['objects', 'const kept = []; export const handler = async () => { for (;;) kept.push({ a: kept.length }); };'],
    [
      'processes',
      `import { spawn } from 'node:child_process';
       const hog = "const kept = []; setInterval(() => kept.push(Buffer.alloc(8e6, 1)), 20)";
       export const handler = () => new Promise(() => spawn(process.execPath, ['-e', hog], { stdio: 'ignore' }));`,
    ],
  ])('kills a function whose %s outgrow its memory', async (_what, code) => {
    cloud.deploy('fat', code, { memoryMb: 128 });
    expect(await cloud.invoke('fat')).toMatchObject({ ok: false, type: 'Runtime.OutOfMemory' });
    cloud.deploy('fat', PID);
    expect(await cloud.invoke('fat')).toBeTypeOf('number');
  });
});

describe('processes', () => {
  it('uses a warm process again, and another deployment gets another', async () => {
    cloud.deploy('warm', PID);
    const first = await cloud.invoke('warm');
    expect(await cloud.invoke('warm')).toBe(first);
    cloud.deploy('warm', PID);
    const second = await cloud.invoke('warm');
    expect(second).not.toBe(first);
    await until(() => !isAlive(first), 'the old process is gone');
  });

  it('gives each process one invocation at a time', async () => {
    const code = `let busy = 0; export const handler = async () => {
      busy += 1; await new Promise(r => setTimeout(r, 100)); const seen = busy; busy -= 1; return { pid: process.pid, seen }; };`;
    cloud.deploy('one', code);
    const results = await Promise.all(Array.from({ length: 6 }, () => cloud.invoke('one')));
    expect(results.map(result => result.seen)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(results.map(result => result.pid)).size).toBeGreaterThan(1);
  });

  it('keeps to the reserved concurrency, and to none of it', async () => {
    const code =
      'export const handler = async () => { await new Promise(r => setTimeout(r, 50)); return process.pid; };';
    cloud.deploy('reserved', code, { reservedConcurrency: 1 });
    const pids = await Promise.all(Array.from({ length: 4 }, () => cloud.invoke('reserved')));
    expect(new Set(pids).size).toBe(1);
    cloud.deploy('off', code, { reservedConcurrency: 0 });
    expect(await cloud.invoke('off')).toMatchObject({ type: 'TooManyRequestsException' });
  });

  it('ends an idle process to make room for another function, and waits when all are busy', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { maxProcesses: 1 } });
    cloud.deploy('first', PID);
    cloud.deploy('second', PID);
    const first = await cloud.invoke('first');
    const [second, third] = await Promise.all([cloud.invoke('second'), cloud.invoke('first')]);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(isAlive(first)).toBe(false);
  });

  it('keeps a process that was used just now, rather than start one more of a function that has some', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { maxProcesses: 2 } });
    cloud.deploy('other', PID);
    cloud.deploy('busy', `export const handler = () => new Promise(resolve => setTimeout(resolve, 50, process.pid));`);
    const [other] = await Promise.all([cloud.invoke('other'), cloud.invoke('busy')]);
    const busy = await Promise.all(Array.from({ length: 5 }, () => cloud.invoke('busy')));
    expect(new Set(busy).size).toBe(1);
    expect(await cloud.invoke('other')).toBe(other);
  });

  it('reaps a process that idles', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { idleMs: 300 } });
    cloud.deploy('idle', PID);
    const pid = await cloud.invoke('idle');
    await until(() => !isAlive(pid), 'the idle process is gone');
    expect(await cloud.invoke('idle')).not.toBe(pid);
  });

  it('leaves none after close or deletion', async () => {
    cloud.deploy('deleted', PID);
    cloud.deploy('closed', PID);
    const [deleted, closed] = await Promise.all([cloud.invoke('deleted'), cloud.invoke('closed')]);
    await cloud.lambda.deleteFunction('deleted');
    expect(isAlive(deleted)).toBe(false);
    await expect(cloud.invoke('deleted')).rejects.toThrow('Function not found');
    await cloud.lambda.close();
    expect(isAlive(closed)).toBe(false);
  });

  it('fails an invocation whose process cannot be started, and says why', async () => {
    cloud.deploy('lost', PID);
    rmSync(join(cloud.directory, 'code', 'lost'), { recursive: true });
    expect(await cloud.invoke('lost')).toMatchObject({ ok: false, type: 'Runtime.StartFailed' });
    cloud.deploy('roleless', PID, { roleArn: 'arn:aws:iam::000000000000:role/none' });
    const failure = await cloud.invoke('roleless');
    expect(failure).toMatchObject({ type: 'Runtime.StartFailed', message: expect.stringContaining('role/none') });
  });

  it('refuses code that is not there and other runtimes', () => {
    expect(() => cloud.deploy('python', PID, { runtime: 'python3.13' })).toThrow('python3.13 is not emulated');
    expect(() => cloud.deploy('lost', PID, { codeDirectory: '/nowhere' })).toThrow('/nowhere');
  });
});

describe('logs', () => {
  it('shows console lines and structured logs in short, with the request id, and no metrics', async () => {
    const code = `export const handler = async (event, context) => {
      console.warn('two', 'lines\\nhere');
      const entry = { level: 'INFO', message: 'stored', timestamp: 'x', service: 's', function_request_id: context.awsRequestId, chunks: 3, title: 'a b' };
      process.stdout.write(JSON.stringify(entry) + '\\n');
      process.stdout.write(JSON.stringify({ _aws: { CloudWatchMetrics: [] }, Latency: 1 }) + '\\n');
      process.stderr.write('plain');
      return context.awsRequestId; };`;
    cloud.deploy('talk', code);
    const id = (await cloud.invoke('talk')).slice(0, 8);
    await cloud.lambda.close();
    expect(cloud.lines.toSorted()).toEqual(
      [
        `talk: INFO stored chunks=3 title="a b" (${id})`,
        `talk: WARN two lines (${id})\n  here`,
        `talk: plain (${id})`,
      ].toSorted(),
    );
  });

  it('shows the stack of an error that the handler did not catch', async () => {
    cloud.deploy('oops', 'export const handler = async () => { throw new RangeError("too far"); };');
    await cloud.invoke('oops');
    await until(() => cloud.lines.length > 0, 'the error is shown');
    expect(cloud.lines[0]).toMatch(
      /^oops: ERROR Invoke Error: RangeError: too far \(\w{8}\)\n {6}at handler .*index\.mjs/,
    );
  });

  it('says how long an invocation took when asked to', async () => {
    await cloud.close();
    cloud = await startCloud({ debug: true });
    cloud.deploy('timed', PID);
    await cloud.invoke('timed');
    await until(() => cloud.lines.some(line => /^timed: REPORT \d+ ms \(\w{8}\)$/.test(line)), 'the report is shown');
  });
});

describe('the Invoke API', () => {
  const client = () => new LambdaClient(cloud.client);
  const text = (payload: Uint8Array | undefined) => Buffer.from(payload ?? []).toString();

  it('invokes by name and by ARN', async () => {
    cloud.deploy('echo', 'export const handler = async event => event;');
    for (const FunctionName of ['echo', cloud.lambda.functionArn('echo'), 'echo:$LATEST']) {
      const reply = await client().send(new InvokeCommand({ FunctionName, Payload: '{"a":1}' }));
      expect(reply).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
      expect(text(reply.Payload)).toBe('{"a":1}');
      expect(reply.FunctionError).toBeUndefined();
    }
  });

  it('tells a failure of the function from its own', async () => {
    cloud.deploy('broken', 'export const handler = async () => { throw new RangeError("too far"); };');
    const reply = await client().send(new InvokeCommand({ FunctionName: 'broken' }));
    expect(reply.FunctionError).toBe('Unhandled');
    expect(JSON.parse(text(reply.Payload))).toEqual({ errorType: 'RangeError', errorMessage: 'too far' });
    const send = (input: ConstructorParameters<typeof InvokeCommand>[0]) => client().send(new InvokeCommand(input));
    await expect(send({ FunctionName: 'absent' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(send({ FunctionName: 'broken', Payload: '{' })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
    });
    const dry = await send({ FunctionName: 'broken', InvocationType: 'DryRun' });
    expect(dry.StatusCode).toBe(204);
  });

  it('retries an asynchronous invocation twice, then gives it up', async () => {
    await cloud.close();
    cloud = await startCloud({ limits: { retryDelaysMs: [10, 10] } });
    cloud.deploy('flaky', 'export const handler = async () => { throw new Error("again"); };');
    const reply = await client().send(new InvokeCommand({ FunctionName: 'flaky', InvocationType: 'Event' }));
    expect(reply.StatusCode).toBe(202);
    await until(() => cloud.lines.some(line => line.includes('given up')), 'it is given up');
    expect(cloud.lines.filter(line => line.includes('Invoke Error'))).toHaveLength(3);
  });

  it('lets a function invoke another only if its role allows it', async () => {
    cloud.deploy('callee', 'export const handler = async () => "called";');
    const sdk = JSON.stringify(import.meta.resolve('@aws-sdk/client-lambda'));
    cloud.deploy(
      'caller',
      `import { InvokeCommand, LambdaClient } from ${sdk};
      export const handler = async () => {
        const reply = await new LambdaClient({ maxAttempts: 1 }).send(new InvokeCommand({ FunctionName: 'callee' }));
        return Buffer.from(reply.Payload).toString(); };`,
    );
    expect(await cloud.invoke('caller')).toBe('"called"');
    cloud.permit({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' });
    expect(await cloud.invoke('caller')).toMatchObject({
      type: 'AccessDeniedException',
      message: expect.stringMatching(/lambda:InvokeFunction.*function:callee/),
    });
  });

  it('streams, and reports a failure at the end of the stream', async () => {
    cloud.deploy(
      'stream',
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('one'); await new Promise(r => setTimeout(r, 50)); stream.write('two');
      if (event.fail) throw new RangeError('midway'); stream.end(); });`,
    );
    const read = async (event: object) => {
      const input = { FunctionName: 'stream', Payload: JSON.stringify(event) };
      const reply = await client().send(new InvokeWithResponseStreamCommand(input));
      const events: InvokeWithResponseStreamResponseEvent[] = [];
      for await (const part of reply.EventStream ?? []) events.push(part);
      const complete = events.pop()?.InvokeComplete;
      return { chunks: events.map(part => text(part.PayloadChunk?.Payload)), complete };
    };
    expect(await read({})).toEqual({ chunks: ['one', 'two'], complete: {} });
    expect(await read({ fail: true })).toMatchObject({ chunks: ['one', 'two'], complete: { ErrorCode: 'RangeError' } });
  });

  it('tells the function when the client of a stream has gone', async () => {
    cloud.deploy(
      'stream',
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
        const closed = new Promise(r => stream.once('close', r));
        const timer = setInterval(() => stream.write('x'.repeat(100_000)), 10);
        await closed; clearInterval(timer); console.log('stopped'); });`,
    );
    const leaving = client();
    const reply = await leaving.send(new InvokeWithResponseStreamCommand({ FunctionName: 'stream' }));
    for await (const _ of reply.EventStream ?? []) break;
    leaving.destroy(); // the iterator alone leaves the connection open
    await until(() => cloud.lines.some(line => line.includes('stopped')), 'the function has heard of it');
  });

  it('is refused to a caller that nothing allows', () => {
    cloud.deploy('private', PID);
    const api = { kind: 'service', principal: 'apigateway.amazonaws.com' } as const;
    expect(() => cloud.lambda.invokeStreaming(api, 'private', '{}')).toThrow('lambda:InvokeFunction');
    return expect(cloud.lambda.invoke(OPERATOR, 'private', '{}')).resolves.toMatchObject({ ok: true });
  });
});
