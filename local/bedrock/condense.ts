import { isFunctionWord } from './function-words.ts';
import { fold, likeness } from './matching.ts';
import { type Message, readQuestion } from './prompt.ts';
import { splitWords, type Word } from './words.ts';

/** Words that point back at what was said before, in the languages most often met. */
const BACK_REFERENCES = new Set(
  `it its that this they them their those these he him his she her one ones there same
  eso esto ello ese esa él ella ellos ellas isso isto ele ela eles elas aquilo
  cela ça ceci celui celle ceux il elle ils elles lui questo quello esso essa lui lei
  er sie es das dies dieser diese dessen deren ihm ihn ihr hij zij ze dit dat deze die
  nó đó này kia họ vậy ấy 它 它们 他 她 他们 她们 这 那 这个 那个 其 此 それ これ あれ その この 그것 이것`.split(
    /\s+/,
  ),
);
/** Content words that make a question clear by themselves: with a word that points back, and without one. */
const CLEAR_WITH_REFERENCE = 6;
const CLEAR_ALONE = 3;
/** Earlier questions are taken up until the added words are as many. */
const ENOUGH_ADDED = 3;

/**
 * Rewrites a follow-up so that it stands alone: the content words of the questions before that it lacks are put behind it
 * in brackets. Nothing is understood, so the words are not woven in. A question that seems clear is returned as it is.
 * @param messages the conversation, the follow-up last
 */
export function condenseQuestion(messages: readonly Message[]): string {
  const question = readQuestion(messages.at(-1)?.text ?? '');
  const words = splitWords(question);
  const content = contentWords(words);
  const pointsBack = words.some(({ text }) => BACK_REFERENCES.has(text));
  if (content.length >= (pointsBack ? CLEAR_WITH_REFERENCE : CLEAR_ALONE)) return question;
  const added = wordsToAdd(content, messages.slice(0, -1));
  return added.length > 0 ? `${question} (${added.join(' ')})` : question;
}

function wordsToAdd(content: readonly Word[], conversation: readonly Message[]): string[] {
  const known = content.map(({ text }) => fold(text));
  const added: string[] = [];
  for (const { text } of conversation.filter(({ role }) => role === 'user').toReversed()) {
    const question = readQuestion(text);
    for (const word of contentWords(splitWords(question))) {
      const folded = fold(word.text);
      if (known.some(other => likeness(other, folded) > 0)) continue;
      known.push(folded);
      added.push(question.slice(word.start, word.end));
    }
    if (added.length >= ENOUGH_ADDED) break;
  }
  return added;
}

/** Without the parts of identifiers, which stand at the place of the whole. */
const contentWords = (words: readonly Word[]): Word[] =>
  words.filter(
    (word, i) => !isFunctionWord(word.text) && !BACK_REFERENCES.has(word.text) && word.start !== words[i - 1]?.start,
  );
