const { Writable } = process.getBuiltinModule('node:stream');

/** The marks and formats of Lambda's own runtime, which libraries rely on. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_CONTENT_TYPE = 'application/vnd.awslambda.http-integration-response';
const PRELUDE_END = new Uint8Array(8);

export const isStreaming = handler => handler[STREAMING] === 'response';

/** Marks a handler `(event, responseStream, context)` as one that streams. */
export function streamifyResponse(handler) {
  handler[STREAMING] = 'response';
  return handler;
}

/** Gives the reply of an HTTP integration its status, headers and cookies. */
export const HttpResponseStream = {
  from(stream, metadata) {
    stream.setContentType(PRELUDE_CONTENT_TYPE);
    stream.setPrelude(Buffer.concat([Buffer.from(JSON.stringify(metadata)), PRELUDE_END]));
    return stream;
  },
};

/**
 * The reply of a streaming handler. Its back-pressure is that of the connection to the Runtime API, and so of the
 * client at the other end; when the client goes away, the stream is destroyed with an error.
 */
export class ResponseStream extends Writable {
  #runtime;
  #requestId;
  #contentType = 'application/octet-stream';
  #prelude = undefined;
  #request = undefined;
  #answered = undefined;
  #failure = undefined;

  constructor(runtime, requestId) {
    super();
    this.#runtime = runtime;
    this.#requestId = requestId;
  }

  get hasStarted() {
    return this.#request !== undefined;
  }

  setContentType(contentType) {
    this.#contentType = contentType;
  }

  setPrelude(bytes) {
    this.#prelude = bytes;
  }

  /** Ends the reply after what was written so far, as one that failed midway. */
  fail(error) {
    this.#failure = describeError(error);
    if (!this.writableEnded) this.end();
  }

  _write(chunk, _encoding, callback) {
    const request = this.#open();
    if (request.write(chunk)) callback();
    else request.once('drain', callback);
  }

  _final(callback) {
    const request = this.#open();
    if (this.#failure) {
      request.addTrailers({
        'Lambda-Runtime-Function-Error-Type': this.#failure.errorType,
        'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(this.#failure)).toString('base64'),
      });
    }
    request.end();
    this.#answered.then(() => callback(), callback);
  }

  _destroy(error, callback) {
    this.#request?.destroy();
    callback(error);
  }

  #open() {
    if (this.#request) return this.#request;
    this.#answered = new Promise(resolve => {
      this.#request = this.#runtime.openResponse(this.#requestId, this.#contentType, response => {
        response.resume().once('end', resolve);
      });
    });
    this.#request.on('error', cause => this.destroy(new Error('The client closed the response stream.', { cause })));
    if (this.#prelude) this.#request.write(this.#prelude);
    return this.#request;
  }
}

/** An error in the form of the Runtime API. Anything can be thrown, not only an Error. */
export function describeError(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
