/**
 * The runtime inside a function's process: loads the handler, then asks the Runtime API for one invocation after
 * another. Plain JavaScript, because stripping types would add to every cold start.
 */
import { functionConsole } from './function-console.mjs';
import { loadHandler } from './load-handler.mjs';
import {
  describeError,
  HttpResponseStream,
  isStreaming,
  ResponseStream,
  streamifyResponse,
} from './response-stream.mjs';
import { connectRuntime } from './runtime-client.mjs';

const { AWS_LAMBDA_RUNTIME_API, LAMBDA_TASK_ROOT, _HANDLER } = process.env;

/** The parent has gone away: nobody would read a reply, and no process may be left behind. */
const runtime = connectRuntime(AWS_LAMBDA_RUNTIME_API, () => process.exit(1));
const log = functionConsole();
globalThis.awslambda = { streamifyResponse, HttpResponseStream };

/** The request id of the invocation in hand. */
let current;

async function crash(error, errorType) {
  log.failure('Uncaught Exception', error);
  const described = { ...describeError(error), ...(errorType && { errorType }) };
  await (current ? runtime.postError(current, described) : runtime.postInitError(described));
  process.exit(129);
}
process.on('uncaughtException', error => void crash(error));
process.on('unhandledRejection', reason => void crash(reason, 'Runtime.UnhandledPromiseRejection'));

async function load() {
  try {
    return await loadHandler(LAMBDA_TASK_ROOT, _HANDLER);
  } catch (error) {
    return crash(error);
  }
}

function contextOf(headers) {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  return {
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    clientContext: undefined,
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

async function runBuffered(handler, event, context) {
  const requestId = context.awsRequestId;
  try {
    const result = await handler(event, context);
    await runtime.postResponse(requestId, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    log.failure('Invoke Error', error);
    await runtime.postError(requestId, describeError(error));
  }
}

async function runStreaming(handler, event, context) {
  const requestId = context.awsRequestId;
  const stream = new ResponseStream(runtime, requestId);
  const closed = new Promise(resolve => stream.once('close', resolve));
  // A client that goes away must not end a function which does not listen for it; those that do hear it as well.
  stream.on('error', error => log.write('INFO', `the response stream was closed: ${error.message}`));
  try {
    await handler(event, stream, context);
  } catch (error) {
    if (!stream.errored) log.failure('Invoke Error', error);
    if (!stream.hasStarted) {
      stream.destroy();
      await runtime.postError(requestId, describeError(error));
    } else if (!stream.destroyed) {
      stream.fail(error);
    }
  }
  // A handler that does not end its stream is not done, as on AWS: the time limit ends it.
  await closed;
}

const handler = await load();
for (;;) {
  const { headers, body } = await runtime.next();
  current = headers['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  log.requestId = current;
  const run = isStreaming(handler) ? runStreaming : runBuffered;
  await run(handler, JSON.parse(body), contextOf(headers));
}
