/**
 * One process of `npm run bench -- chat`: loads a handler as Lambda would, asks it one question after another, and prints
 * what each took. Plain JavaScript, because stripping types would be counted.
 *
 *     node bench/chat-process.mjs <index.mjs> <JSON of the request's body> <JSON of the first's> <questions after the first>
 */
const { Writable } = process.getBuiltinModule('node:stream');

const [bundle, body, firstBody, count] = process.argv.slice(2);

globalThis.awslambda = {
  streamifyResponse: handler => handler,
  HttpResponseStream: { from: stream => stream },
};

/** Keeps when the first text of the answer was written, and all that was. */
class Reply extends Writable {
  text = '';
  firstTextAt = undefined;

  _write(chunk, _encoding, callback) {
    const piece = chunk.toString();
    if (this.firstTextAt === undefined && piece.includes('event: text-delta')) this.firstTextAt = performance.now();
    this.text += piece;
    callback();
  }
}

const eventOf = text => ({
  httpMethod: 'POST',
  path: '/chat',
  headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
  queryStringParameters: null,
  isBase64Encoded: false,
  requestContext: {
    requestId: 'bench',
    identity: {},
    authorizer: { tenant: 'default', userId: 'bench', name: '', role: 'reader', groups: '[]', apiKeyId: 'bench' },
  },
  body: text,
});
const context = { awsRequestId: 'bench', functionName: 'chat', getRemainingTimeInMillis: () => 60_000 };

async function ask(handler, text) {
  const startedAt = performance.now();
  const reply = new Reply();
  const finished = new Promise((resolve, reject) => reply.once('finish', resolve).once('error', reject));
  await Promise.all([handler(eventOf(text), reply, context), finished]);
  if (!reply.text.includes('event: completed')) throw new Error(`No answer: ${reply.text}`);
  return { firstTextMs: reply.firstTextAt - startedAt, wholeMs: performance.now() - startedAt };
}

const cpuMs = usage => (usage.user + usage.system) / 1_000;
const peakMiB = () => process.resourceUsage().maxRSS / 1_024;

const loadedAt = performance.now();
const cpuAtLoad = process.cpuUsage();
const { handler } = await import(bundle);
await ask(handler, firstBody);
const cold = { ms: performance.now() - loadedAt, cpuMs: cpuMs(process.cpuUsage(cpuAtLoad)), peakMiB: peakMiB() };

// The first questions find code that is not yet compiled well.
const settling = Math.floor(Number(count) / 4);
for (let question = 0; question < settling; question += 1) await ask(handler, body);
const answers = [];
const cpuBefore = process.cpuUsage();
for (let question = settling; question < Number(count); question += 1) answers.push(await ask(handler, body));
const warm = { cpuMs: cpuMs(process.cpuUsage(cpuBefore)) / Math.max(1, answers.length), peakMiB: peakMiB(), answers };
process.stdout.write(`\n${JSON.stringify({ cold, warm })}\n`);
process.exit();
