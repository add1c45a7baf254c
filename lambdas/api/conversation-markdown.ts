import { describePlace } from '../chat/prompt.ts';
import type { Conversation, Turn } from '../conversation.ts';

/**
 * A conversation to read on: each question with its answer and the sources that the answer cites, as Markdown.
 * @param turns the turns of one path, in order
 * @param exportedAt ISO 8601
 */
export function conversationMarkdown(
  { title, createdAt }: Conversation,
  turns: readonly Turn[],
  exportedAt: string,
): string {
  const about = `Begun ${minuteOf(createdAt)}, exported ${minuteOf(exportedAt)} (UTC)`;
  return `${[`# ${escaped(title)}`, about, ...turns.map(describeTurn)].join('\n\n')}\n`;
}

/** Answers are Markdown already, made safe before they were stored. */
function describeTurn(turn: Turn): string {
  const question = turn.question.split('\n').map(line => `> ${escaped(line)}`.trimEnd());
  const parts = [`---\n\n**${minuteOf(turn.createdAt)}**`, question.join('\n'), turn.answer];
  if (turn.citations.length > 0) parts.push(describeSources(turn.citations));
  if (turn.feedback) parts.push(describeFeedback(turn.feedback));
  return parts.join('\n\n');
}

/** A source may be cited by several quotes: they stand below its number together. */
function describeSources(citations: Turn['citations']): string {
  const sources = Map.groupBy(citations, ({ n }) => n);
  const lines = [...sources]
    .sort(([a], [b]) => a - b)
    .flatMap(([n, [first, ...others]]) => {
      if (!first) return [];
      const place = describePlace(first.place);
      const name = `- [${n}] ${escaped(first.title)}${place && `, ${escaped(place)}`}: \`${first.key.replaceAll('`', "'")}\`, version ${first.version}`;
      return [name, ...[first, ...others].map(describeQuote)];
    });
  return ['Sources:', ...lines].join('\n');
}

const describeQuote = ({ quote, supported }: Turn['citations'][number]): string =>
  `  - “${escaped(quote.replaceAll(/\s+/g, ' ').trim())}”${supported ? '' : ' (does not bear out what cites it)'}`;

function describeFeedback({ rating, reasons, comment }: NonNullable<Turn['feedback']>): string {
  const said = [reasons.join(', '), comment && escaped(comment.replaceAll(/\s+/g, ' '))].filter(Boolean).join('; ');
  return `Rated ${rating}${said && `: ${said}`}`;
}

/** `2026-01-31 14:05` */
const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** Text of readers and documents, which must stay text. */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>#|~!]/g, char => `\\${char}`);
