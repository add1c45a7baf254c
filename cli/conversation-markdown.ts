import { placeText } from './places.ts';
import type { Citation, Turn } from './shapes.ts';

/** A conversation to read: each question, its answer, and what the answer cites. */
export function conversationMarkdown({ title, turns }: { title: string; turns: readonly Turn[] }): string {
  const told = turns.map(({ question, answer, citations, createdAt }) =>
    [`## ${oneLine(question)}`, `_${createdAt}_`, answer, citations.map(citationLine).join('\n')]
      .filter(part => part !== '')
      .join('\n\n'),
  );
  return `${[`# ${oneLine(title)}`, ...told].join('\n\n')}\n`;
}

/** `[1] Travel, page 3: "up to 20 days" (documents/travel.pdf)`. */
export function citationLine({ n, title, place, quote, key, supported }: Citation): string {
  const doubt = supported ? '' : ' — not enough for what it is to support';
  return `[${n}] ${oneLine(title)}${placeText(place)}: "${oneLine(quote)}" (${key})${doubt}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
