import type { Passage } from './passage.ts';

/** What may stand in a URL, in ASCII; quotes, brackets, braces, backticks and pipes end one. */
export const URL_CHARACTERS = String.raw`[!#$%&'()*+,\-./0-9:;=?@A-Z_a-z~\\]`;
const SOURCE_URL = new RegExp(String.raw`(?:https?://|www\.)${URL_CHARACTERS}+`, 'gi');
const SOURCE_EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[-\w]+(?:\.[-\w]+)+/g;

/** What may follow a URL as punctuation of its sentence. */
const TRAILING = /[!'),.:;?*_~\\]+$/;

/** The links that an answer may have: those that stand, letter by letter, in the passages that it is made from. */
export interface AllowedLinks {
  /** With or without `http://` and punctuation at its end. */
  hasUrl(url: string): boolean;
  hasEmail(address: string): boolean;
}

/** Links in flagged passages do not count: their author wants something of the reader. */
export function linksIn(passages: readonly Passage[]): AllowedLinks {
  const texts = passages
    .filter(({ chunk }) => !chunk.suspicious?.length)
    .map(({ chunk }) => `${chunk.context ?? ''}\n${chunk.text}`);
  const urls = new Set(texts.flatMap(text => text.match(SOURCE_URL) ?? []).map(keyOf));
  const withEmails = texts.filter(text => text.includes('@')); // few have any, and to look for addresses is slow
  const emails = new Set(withEmails.flatMap(text => text.match(SOURCE_EMAIL) ?? []).map(emailKeyOf));
  return {
    hasUrl: url => /^(?:https?:\/\/|www\.)/i.test(url) && !/&\w+;/.test(url) && urls.has(keyOf(url)),
    hasEmail: address => emails.has(emailKeyOf(address)),
  };
}

/** A URL and the punctuation after it; a closing parenthesis belongs to the URL when the opening one does. */
export function splitUrl(text: string): { url: string; trail: string } {
  const trailing = TRAILING.exec(text)?.[0] ?? '';
  let url = text.slice(0, text.length - trailing.length);
  let trail = trailing;
  while (trail.startsWith(')') && url.split('(').length > url.split(')').length) {
    url += ')';
    trail = trail.slice(1);
  }
  return { url, trail };
}

const keyOf = (url: string): string =>
  url
    .replace(/^https?:\/\//i, '')
    .replace(TRAILING, '')
    .replace(/\/$/, '');

const emailKeyOf = (address: string): string => address.toLowerCase().replace(/[.]+$/, '');
