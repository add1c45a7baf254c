/** One event of a `text/event-stream`. */
export interface StreamedEvent {
  readonly event: string;
  readonly data: string;
}

/** The events of a reply, each as soon as it is whole; comments are left out, and so is an event that was cut off. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const piece of body) {
    pending += decoder.decode(piece, { stream: true });
    const blocks = pending.split(/\r?\n\r?\n/);
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = eventIn(block);
      if (event) yield event;
    }
  }
}

function eventIn(block: string): StreamedEvent | undefined {
  const fields = block.split(/\r?\n/).map(line => /^([a-z]+): ?(.*)$/.exec(line));
  const valuesOf = (name: string) => fields.flatMap(field => (field?.[1] === name ? [field[2] ?? ''] : []));
  const data = valuesOf('data');
  return data.length > 0 ? { event: valuesOf('event')[0] ?? 'message', data: data.join('\n') } : undefined;
}
