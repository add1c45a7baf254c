import { defineCommand } from '../command.ts';
import { redriveShape } from '../shapes.ts';

export const redrive = defineCommand({
  summary: 'try again what was given up',
  help: `Usage: groundwork redrive [options]

Sends the messages of all dead-letter queues back, and retries the documents whose messages were given up.
`,
  options: {},
  async run({ client, output }) {
    const reply = await (await client()).get(redriveShape, { method: 'POST', path: 'dead-letters/redrive' });
    output.result(reply);
    for (const { queue, messages } of reply.queues) {
      output.line(`${queue}: about ${messages} messages are on their way back`);
    }
    if (reply.queues.length === 0) output.line('No dead-letter queue holds messages.');
    output.line(`Documents whose messages were given up are tried again: groundwork jobs show ${reply.job.jobId}`);
    return 0;
  },
});
