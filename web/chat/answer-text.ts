import type { Strings } from '../strings/en.ts';
import { placeName } from './place-name.ts';
import { sourcesOf, type Turn } from './turn.ts';

/** The answer with its marks, and what they stand for below it: to be pasted elsewhere. */
export function answerWithSources({ answer, citations }: Turn, chat: Strings['chat']): string {
  const lines = sourcesOf(citations).map(({ n, citations: [{ title, place, key }] }) =>
    [`[${n}] ${title}`, placeName(place, chat.places), key].filter(Boolean).join(', '),
  );
  return lines.length === 0 ? answer : [answer, '', `${chat.sources}:`, ...lines].join('\n');
}
