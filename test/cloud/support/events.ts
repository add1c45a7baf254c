/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
}

/** The events of a whole stream; comments are left out. */
export function parseEvents(text: string): ServerSentEvent[] {
  return text
    .split('\n\n')
    .filter(block => block.includes('event:'))
    .map(block => {
      const lines = block.split('\n');
      const field = (name: string) =>
        lines
          .find(line => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim() ?? '';
      return { event: field('event'), data: JSON.parse(field('data')) };
    });
}
