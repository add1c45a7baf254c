/**
 * How a prompt must look for the local model to answer it. The last user message holds the passages, then the question:
 *
 *     <source-NONCE id="1" title="Handbook" place="page 3">text as it stands</source-NONCE>
 *     <question>What was asked?</question>
 *     <standalone-question>The same, with what it refers to in the conversation</standalone-question>
 *
 * NONCE is any word of [0-9a-z], one for the whole message, so that a text cannot close its own passage. `title` and
 * `place` are optional, the values of attributes are XML-escaped, texts are not. The stand-alone question is optional.
 * A message without a `<question>` is a question as a whole.
 */

export interface Passage {
  /** What a mark `[id]` in the answer points at. */
  readonly id: string;
  readonly title: string;
  /** Page, sheet, slide or headings, as the prompt words it. */
  readonly place: string;
  readonly text: string;
}

export interface AnswerPrompt {
  /** As in the prompt: the best match first, the second best last, and so inwards. */
  readonly passages: readonly Passage[];
  readonly question: string;
  /** Equal to `question` when the prompt has none of its own. */
  readonly standaloneQuestion: string;
}

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

const OPENING = /<source-([0-9a-z]+)((?:\s+[a-z-]+="[^"]*")*)\s*>/g;
const ATTRIBUTE = /([a-z-]+)="([^"]*)"/g;

/** @param text the last user message */
export function readAnswerPrompt(text: string): AnswerPrompt {
  const { passages, end } = readPassages(text);
  // The question comes after the passages, and its tags count only there: a passage may speak of tags, too.
  const rest = text.slice(end);
  const question = readQuestion(rest);
  return { passages, question, standaloneQuestion: lastElement(rest, 'standalone-question') ?? question };
}

/** @returns the text in the last `<question>` element, or the whole text when there is none */
export const readQuestion = (text: string): string => lastElement(text, 'question') ?? text.trim();

function readPassages(text: string): { passages: Passage[]; end: number } {
  const passages: Passage[] = [];
  let end = 0;
  let nonce: string | undefined;
  for (const opening of text.matchAll(OPENING)) {
    const [tag, word = '', attributeText = ''] = opening;
    if (opening.index < end || (nonce !== undefined && word !== nonce)) continue; // inside a passage's text
    const start = opening.index + tag.length;
    const closing = `</source-${word}>`;
    const stop = text.indexOf(closing, start);
    if (stop < 0) continue;
    nonce = word;
    end = stop + closing.length;
    const attributes = readAttributes(attributeText);
    passages.push({
      id: attributes.get('id') ?? String(passages.length + 1),
      title: attributes.get('title') ?? '',
      place: attributes.get('place') ?? '',
      text: text.slice(start, stop),
    });
  }
  return { passages, end };
}

const readAttributes = (text: string): Map<string, string> =>
  new Map(Array.from(text.matchAll(ATTRIBUTE), ([, name = '', value = '']) => [name, unescapeXml(value)]));

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  amp: '&',
  '#39': "'",
  '#34': '"',
};
const unescapeXml = (text: string): string =>
  text.replace(/&(lt|gt|quot|apos|amp|#39|#34);/g, (_, name) => ENTITIES[name] ?? '');

function lastElement(text: string, name: string): string | undefined {
  const closing = text.lastIndexOf(`</${name}>`);
  if (closing < 0) return undefined;
  const opening = text.lastIndexOf(`<${name}>`, closing);
  return opening < 0 ? undefined : text.slice(opening + name.length + 2, closing).trim();
}
