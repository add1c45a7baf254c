// Importing node:http as an ES module would load all of undici with it, which costs more than the rest of a cold start.
const http = process.getBuiltinModule('node:http');
const net = process.getBuiltinModule('node:net');

/**
 * A client of the Lambda Runtime API.
 * @param api `host:port/prefix`, as in AWS_LAMBDA_RUNTIME_API
 * @param onLost called when the API has gone away
 */
export function connectRuntime(api, onLost) {
  const base = new URL(`http://${api}/2018-06-01/runtime/`);
  const agent = new http.Agent({ keepAlive: true });
  // It carries nothing: that it closes is the message, whatever the function is waiting for at that time.
  net.connect(Number(base.port), base.hostname).on('error', onLost).on('close', onLost);

  const open = (method, path, headers, onResponse) =>
    http.request(new URL(path, base), { method, headers, agent }, onResponse);
  const call = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const request = open(method, path, headers, response => readAll(response).then(resolve, reject));
      request.on('error', reject).end(body);
    });
  const postError = (path, described) => {
    const headers = { 'content-type': 'application/json', 'lambda-runtime-function-error-type': described.errorType };
    return call('POST', path, headers, JSON.stringify(described));
  };

  return {
    next: () => call('GET', 'invocation/next', {}).catch(onLost),
    postResponse: (requestId, json) =>
      call('POST', `invocation/${requestId}/response`, { 'content-type': 'application/json' }, json),
    postError: (requestId, described) => postError(`invocation/${requestId}/error`, described),
    postInitError: described => postError('init/error', described),
    /** The open request of a streamed reply; `onResponse` is called once the API has read all of it. */
    openResponse: (requestId, contentType, onResponse) =>
      open(
        'POST',
        `invocation/${requestId}/response`,
        {
          'content-type': contentType,
          'transfer-encoding': 'chunked',
          'lambda-runtime-function-response-mode': 'streaming',
          trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
        },
        onResponse,
      ),
  };
}

async function readAll(response) {
  const pieces = [];
  for await (const piece of response) pieces.push(piece);
  return { headers: response.headers, body: Buffer.concat(pieces).toString() };
}
