import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Client } from '../client.ts';
import { type Call, defineCommand } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { INTERRUPTED } from '../interruption.ts';
import type { Output } from '../output.ts';
import { parseCount, UsageError } from '../parse-arguments.ts';
import { folderKeyOf, placeText } from '../places.ts';
import { type Answer, answerShape, type Citation } from '../shapes.ts';

const options = {
  conversation: { type: 'string' },
  folder: { type: 'string' },
  'top-k': { type: 'string' },
} as const;

const delta = z.object({ text: z.string() });
const problem = z.object({ title: z.string(), detail: z.string().optional() });

export const chat = defineCommand({
  summary: 'ask, and see the answer come with its citations',
  help: `Usage: groundwork chat [question] [options]

Asks a question and shows the answer as it comes, then what it cites. Without a question, a terminal gets a conversation
(/new begins another, Ctrl-C stops an answer, /quit or Ctrl-D ends it); a pipe is read to its end as one question.

  --conversation ID  go on with this conversation
  --folder FOLDER    answer only from documents under this folder
  --top-k N          how many passages the model is given, 1 to 20
`,
  options,
  async run(call) {
    const { values, positionals, output } = call;
    const question = positionals.join(' ').trim();
    const more = {
      ...(values['top-k'] !== undefined && { topK: parseCount('--top-k', values['top-k'], 1, 20) }),
      ...(values.folder !== undefined && { filter: { folder: folderKeyOf(values.folder) } }),
    };
    if (!question && process.stdin.isTTY && !output.json) return converse(call, more);
    const message = question || (await text(process.stdin)).trim();
    if (!message) throw new UsageError('Say what to ask: groundwork chat "How do I claim travel costs?"');
    const conversationId = values.conversation;
    const answer = await ask(await call.client(), output, {
      message,
      ...more,
      ...(conversationId && { conversationId }),
    });
    output.result(answer);
    return 0;
  },
});

/** Until its end. Ctrl-C stops the answer that comes, or ends the conversation when none does. */
async function converse(
  { client, values, output, signal: interrupted }: Call<typeof options>,
  more: object,
): Promise<number> {
  const api = await client();
  let conversationId = values.conversation;
  let answering: AbortController | undefined;
  let exitCode = 0;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<undefined>(resolve => terminal.once('close', () => resolve(undefined)));
  // The terminal is read key by key meanwhile, so that Ctrl-C is no signal to this process.
  terminal.on('SIGINT', () => {
    if (answering) return answering.abort();
    exitCode = INTERRUPTED;
    terminal.close();
  });
  try {
    for (;;) {
      const line = await Promise.race([terminal.question('\n› ', { signal: interrupted }), ended]);
      const message = line?.trim();
      if (message === undefined || message === '/quit') return exitCode;
      if (message === '/new') conversationId = undefined;
      else if (message) {
        answering = new AbortController();
        const { signal } = answering;
        const request = { message, ...more, ...(conversationId && { conversationId }) };
        const answer = await ask(api, output, request, signal).catch(error => tellFailure(output, error, signal));
        answering = undefined;
        conversationId = answer?.conversationId ?? conversationId;
      }
    }
  } finally {
    terminal.close();
  }
}

/** What goes wrong with one question ends no conversation. */
function tellFailure(output: Output, error: unknown, signal: AbortSignal): undefined {
  if (signal.aborted) output.note('\nStopped.', 'yellow');
  else if (error instanceof CommandError) output.note(error.message, 'red');
  else throw error;
}

/** Shows the answer while it comes. @throws CommandError when it failed midway, or was cut off */
async function ask(client: Client, output: Output, body: object, signal?: AbortSignal): Promise<Answer> {
  const request = { method: 'POST', path: 'chat', body, ...(signal && { signal }) } as const;
  for await (const { event, data } of client.stream(request)) {
    if (event === 'text-delta') output.write(delta.parse(JSON.parse(data)).text);
    if (event === 'failed') {
      output.line('');
      const { title, detail } = problem.parse(JSON.parse(data));
      throw new CommandError(detail ?? title);
    }
    if (event === 'completed') {
      const answer = answerShape.parse(JSON.parse(data));
      showSources(output, answer);
      return answer;
    }
  }
  output.line('');
  throw new CommandError('The connection ended before the answer did: ask again.');
}

function showSources(output: Output, { citations, nearest = [], refused, grounded, usage, latencyMs }: Answer): void {
  output.line('\n');
  for (const citation of citations) output.line(citationLine(citation), 'dim');
  if (!refused && !grounded)
    output.line('No statement of this answer is backed by a quote: take it as unchecked.', 'yellow');
  for (const { title, key } of nearest) output.line(`Nearest: ${title} (${key})`, 'dim');
  const tokens = `${usage.inputTokens} + ${usage.outputTokens} tokens`;
  output.line(`${tokens}, $${usage.costUsd.toFixed(4)}, ${(latencyMs / 1000).toFixed(1)} s`, 'dim');
}

/** `[1] Travel, page 3: "up to 20 days" (documents/travel.pdf)`. */
function citationLine({ n, title, place, quote, key, supported }: Citation): string {
  const doubt = supported ? '' : ' — not enough for what it is to support';
  return `[${n}] ${oneLine(title)}${placeText(place)}: "${oneLine(quote)}" (${key})${doubt}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
