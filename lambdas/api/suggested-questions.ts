import type { StoredChunk } from '../document.ts';

/** Of one document; more than one, so that a lone document has something to offer. */
const MAX_QUESTIONS = 3;

/** What a question about a heading sounds like, and words by which a text of that language is told. */
const LANGUAGES = [
  {
    words: 'the of and to is are for with that this',
    ask: (title: string, heading: string) => `What does “${title}” say about “${heading}”?`,
  },
  {
    words: 'der die das und ist nicht mit für von den ein',
    ask: (title: string, heading: string) => `Was steht in „${title}“ zu „${heading}“?`,
  },
  {
    words: 'le les des est et une dans pour vous du',
    ask: (title: string, heading: string) => `Que dit « ${title} » sur « ${heading} » ?`,
  },
  {
    words: 'el los las del es y una para con por',
    ask: (title: string, heading: string) => `¿Qué dice «${title}» sobre «${heading}»?`,
  },
  {
    words: 'il gli della è di che per una sono nel',
    ask: (title: string, heading: string) => `Che cosa dice «${title}» su «${heading}»?`,
  },
  {
    words: 'o os da do em que para uma não são',
    ask: (title: string, heading: string) => `O que diz «${title}» sobre «${heading}»?`,
  },
  {
    words: 'het een van en niet voor zijn met dat aan',
    ask: (title: string, heading: string) => `Wat staat er in “${title}” over “${heading}”?`,
  },
  {
    words: 'của và là các được không cho trong một có',
    ask: (title: string, heading: string) => `“${title}” nói gì về “${heading}”?`,
  },
].map(({ words, ask }) => ({ words: new Set(words.split(' ')), ask }));
const CHINESE = (title: string, heading: string) => `《${title}》里关于“${heading}”说了什么？`;

/**
 * Questions that a document is likely to answer: those that stand in it on a line of their own, as headings or in a list of
 * frequent questions; without any, one about its first heading, in the language of the document. A document in another
 * language than those above, without questions and without headings, offers none.
 * @param chunks its first ones, in reading order
 */
export function questionsIn(title: string, chunks: readonly StoredChunk[]): string[] {
  // What may be meant to steer a model is not put into a reader's mouth.
  const trusted = chunks.filter(({ suspicious = [] }) => suspicious.length === 0);
  const headings = trusted.flatMap(({ place }) => place.section?.split(' › ') ?? []);
  const lines = trusted.flatMap(({ text }) => text.split('\n'));
  const asked = new Set([...headings, ...lines].map(withoutMarks).filter(isQuestion));
  if (asked.size > 0) return [...asked].slice(0, MAX_QUESTIONS);
  const name = titleOf(title);
  const ask = askingIn(trusted.map(({ text }) => text).join('\n'));
  const heading = headings.map(withoutMarks).find(text => isHeading(text) && text !== name);
  return ask && heading && isHeading(name) ? [ask(name, heading)] : [];
}

const MIN_LENGTH = 12;
const MAX_LENGTH = 120;

/** A whole sentence, and only one; of a few words at least, or, where words are not parted, of a few letters. */
function isQuestion(line: string): boolean {
  if (line.length > MAX_LENGTH || !/^[\p{Lu}\p{Lo}¿]/u.test(line) || !/[^?？؟.!。]{3}[?？؟]$/u.test(line)) return false;
  if (/[.!?。！？]\s*\S/u.test(line.slice(0, -1).replaceAll(/\d\.\d/g, ''))) return false;
  const isUnparted = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]/u.test(line);
  return isUnparted ? line.length >= 6 : line.length >= MIN_LENGTH && line.split(/\s+/).length >= 3;
}

const isHeading = (text: string): boolean => text.length >= 2 && text.length <= 60 && /\p{L}{2}/u.test(text);

/** Without the marks of lists, headings and FAQs, and without a number in front. */
const withoutMarks = (line: string): string =>
  line
    .trim()
    .replace(/^(?:[#>*_\-–•\s]+|\d+(?:\.\d+)*[.)]?\s+|(?:Q|F|P)\d*[:.]\s+)+/u, '')
    .replace(/[*_#\s]+$/u, '');

/** A title that is a file's name is shown without its extension. */
const titleOf = (title: string): string => withoutMarks(title.replace(/\.\w{1,5}$/, ''));

/** The words that occur most tell the language, if they are some. */
function askingIn(text: string): ((title: string, heading: string) => string) | undefined {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const han = text.match(/\p{sc=Han}/gu)?.length ?? 0;
  const kana = text.match(/[\p{sc=Hiragana}\p{sc=Katakana}]/gu)?.length ?? 0;
  if (han > letters / 2 && kana === 0) return CHINESE;
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const counts = LANGUAGES.map(language => ({
    ask: language.ask,
    count: words.filter(word => language.words.has(word)).length,
  })).sort((a, b) => b.count - a.count);
  const [first, second] = counts;
  const isTold = first && second && first.count >= 3 && first.count > second.count;
  return isTold ? first.ask : undefined;
}
