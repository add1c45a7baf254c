import { type AllowedLinks, splitUrl, URL_CHARACTERS } from './allowed-links.ts';
import { htmlAt, mayBecomeHtml } from './html-tag.ts';

/** What becomes of the text that is looked at. */
export interface Step {
  /** How much of it is dealt with, in UTF-16 code units. */
  readonly length: number;
  /** What stands in its place. */
  readonly text: string;
  /** `text` ends with a bracket that a destination may follow: of a link, or of what would be an image. */
  readonly closes?: 'link' | 'image';
}

export interface Place {
  /** What the line that is being written holds so far. */
  readonly line: string;
  readonly afterBracket: 'link' | 'image' | undefined;
  /** The answer has no more text. */
  readonly final: boolean;
  readonly links: AllowedLinks;
}

/** Reads the construct that `text` begins with. @returns undefined when more text is needed to know what it is */
export type InlineReader = (text: string, place: Place) => Step | undefined;

/** Stands where a link was. */
const REMOVED = '…';
/** Longest construct that is waited for, in UTF-16 code units; a longer one is taken apart where it stands. */
const MAX_CONSTRUCT = 2_048;
const MAX_DOMAIN = 256;

/** What is before the first text of a line and does not keep a definition from beginning there. */
const CONTAINERS = /^(?:[ \t>]|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*$/;

const asIs = (text: string): Step => ({ length: text.length, text });

/** An escaped character stays one, but for those that would only hide a link from this reader. */
export const readBackslash: InlineReader = (text, { final }) => {
  if (text.length === 1) return final ? asIs('\\') : undefined;
  const escaped = text.charAt(1);
  if (escaped === '<') return { length: 2, text: '&lt;' };
  if (escaped === '@') return { length: 1, text: '' };
  return asIs(/[!-/:-@[-`{-~]/.test(escaped) ? text.slice(0, 2) : '\\');
};

/** Tags of known elements and comments are taken out; any other `<` that could begin one is escaped. */
export const readAngle: InlineReader = (text, { line, final, links }) => {
  if (text.length === 1 && !final) return undefined;
  if (!/^<[A-Za-z/!?]/.test(text)) return asIs('<');
  const seen = text.slice(0, MAX_CONSTRUCT);
  const [autolink, address = ''] = /^<([^\s<>]+)>/.exec(seen) ?? [];
  if (autolink && isAddress(address)) {
    const allowed = links.hasUrl(address) || links.hasEmail(address);
    return { length: autolink.length, text: allowed && !/[\\&]/.test(address) ? autolink : REMOVED };
  }
  const html = htmlAt(seen);
  if (html) {
    const next = text.charAt(html.length);
    if (next === '' && !final) return undefined;
    return { length: html.length, text: gapFor(line.slice(-1), next, html.isBreak) };
  }
  const waits = seen.length < MAX_CONSTRUCT && (mayBecomeHtml(seen) || /^<[^\s<>]*$/.test(seen));
  return waits && !final ? undefined : { length: 1, text: '&lt;' };
};

const isAddress = (text: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]{1,31}:|^[^\s@]+@[^\s@]+$/.test(text);

/** What is taken out must not join what was around it to a word: `ht<b>tps://…`. */
function gapFor(before: string, after: string, isBreak: boolean): string {
  if (before === '' || /\s/.test(before) || after === '' || /\s/.test(after)) return '';
  if (isBreak) return ' ';
  return /[(*_"'|…]/.test(before) || /[,)*"'|]/.test(after) ? '' : ' ';
}

/** An image becomes its description; the mark of a citation may stand right after an exclamation mark. */
export const readExclamation: InlineReader = (text, { line, final }) => {
  if (text.length === 1) return final ? asIs('!') : undefined;
  if (text.charAt(1) !== '[') return asIs('!');
  const [mark] = /^!\[\d{1,2}\]/.exec(text) ?? [];
  if (mark) return { ...asIs(mark), closes: 'image' };
  if (!final && /^!\[\d{0,2}$/.test(text)) return undefined;
  return { length: 1, text: line.endsWith('!') ? ' ' : '' };
};

export const readBracket: InlineReader = () => ({ ...asIs(']'), closes: 'link' });

const NESTED = String.raw`\((?:[^\s()\\]|\\[!-~])*\)`;
const TARGET = String.raw`<[^<>\n]*>|(?:[^\s()\\<]|\\[!-~]|${NESTED})*`;
const TITLE = String.raw`"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)`;
const DESTINATION = new RegExp(String.raw`^\([ \t]*(${TARGET})(?:[ \t]+(?:${TITLE}))?[ \t]*\)`);
const TARGET_BEGIN = String.raw`<[^<>\n]*>?|(?:[^\s()\\<]|\\[!-~]|${NESTED})*(?:\\|\((?:[^\s()\\]|\\[!-~])*\\?)?`;
const TITLE_BEGIN = String.raw`"[^"\n]*"?|'[^'\n]*'?|\([^()\n]*\)?`;
const DESTINATION_BEGIN = new RegExp(String.raw`^\([ \t]*(?:${TARGET_BEGIN})(?:[ \t]+(?:${TITLE_BEGIN})?)?[ \t]*$`);

/** The parenthesis right after a bracket: the destination of a link, or text. */
export const readDestination: InlineReader = (text, { afterBracket, final, links }) => {
  const seen = text.slice(0, MAX_CONSTRUCT);
  const [tail, target = ''] = DESTINATION.exec(seen) ?? [];
  if (tail === undefined) {
    if (!final && seen.length < MAX_CONSTRUCT && DESTINATION_BEGIN.test(seen)) return undefined;
    return { length: 1, text: String.raw`\(` };
  }
  const url = target.replace(/^<|>$/g, '');
  if (afterBracket === 'link' && isAllowedTarget(url, links)) return { length: tail.length, text: `(${url})` };
  const isLink = /[:/?#@&]/.test(url) || /^www\./i.test(url);
  return isLink ? { length: tail.length, text: '' } : { length: 1, text: String.raw`\(` };
};

function isAllowedTarget(url: string, links: AllowedLinks): boolean {
  if (/[\s\\<>&]/.test(url) || url.split('(').length !== url.split(')').length) return false;
  if (/^mailto:/i.test(url)) return links.hasEmail(url.slice('mailto:'.length));
  return /^https?:/i.test(url) && links.hasUrl(url);
}

/** The colon right after a bracket, which makes a definition of it at the start of a block: `[label]: https://…`. */
export const readColon: InlineReader = (_, { line }) => {
  const opening = [...line.matchAll(/(?<!\\)(?:\\\\)*\[/g)].at(-1);
  const before = opening ? line.slice(0, opening.index) : '';
  return { length: 1, text: CONTAINERS.test(before) ? String.raw`\:` : ':' };
};

/** Those that name what is no letter, digit or sign of a URL. */
const HARMLESS_ENTITY = /^&(?:amp|lt|gt|quot|nbsp|ndash|mdash|hellip|euro|pound|copy|reg|trade|deg|times|shy);/;
const ENTITY = /^&(?:#x?[0-9a-f]{1,8}|[a-z][a-z0-9]{1,31});/i;

/** A character that is spelled by its name or number could be part of a link. */
export const readAmpersand: InlineReader = (text, { final }) => {
  const [harmless] = HARMLESS_ENTITY.exec(text) ?? [];
  if (harmless) return asIs(harmless);
  if (ENTITY.test(text)) return { length: 1, text: '&amp;' };
  return !final && /^&#?[a-z0-9]{0,32}$/i.test(text) ? undefined : asIs('&');
};

/** The local part of an address is written already; its domain follows only if the whole stands in the sources. */
export const readAt: InlineReader = (text, { line, final, links }) => {
  const [local = ''] = /[\w.+\\-]+$/.exec(line.slice(-MAX_DOMAIN)) ?? [];
  if (local === '') return asIs('@');
  const [run = '@'] = /^@[-\w.\\]*/.exec(text.slice(0, MAX_DOMAIN)) ?? [];
  if (run.length === text.length && !final && run.length < MAX_DOMAIN) return undefined;
  const plain = run.replaceAll('\\', '');
  const [domain] = /^@[-\w.]*\.[-\w]+/.exec(plain) ?? [];
  if (!domain && run.length < MAX_DOMAIN) return asIs('@');
  const isAllowed = domain !== undefined && run.startsWith(domain) && run.length < MAX_DOMAIN;
  if (isAllowed && links.hasEmail(local.replaceAll('\\', '') + domain)) return asIs(domain);
  return { length: run.length - (/\.+$/.exec(run)?.[0].length ?? 0), text: `@${REMOVED}` };
};

const SCHEME = String.raw`(?:https?|ftp|file)\\?:\\?/\\?/${URL_CHARACTERS}*|www\\?\.${URL_CHARACTERS}*`;
const SCRIPT = String.raw`(?:(?:java|vb)script|xmpp)\\?:${URL_CHARACTERS}+|data\\?:\w{1,40}\\?/${URL_CHARACTERS}*`;
const URL_AT = new RegExp(`^(?:${SCHEME}|${SCRIPT})`, 'i');
const URL_BEGIN = /^(?:(?:https?|ftp|file|www|(?:java|vb)script|xmpp)[\\:./]*|data\\?(?::\w{0,40}\\?)?)$/i;
const NAMES = ['http', 'https', 'ftp', 'file', 'www', 'javascript', 'vbscript', 'xmpp', 'data'];

/** Whether a URL could begin with this word. */
export const mayBeginUrl = (word: string, isLast: boolean): boolean => {
  const name = word.toLowerCase();
  return NAMES.includes(name) || (isLast && NAMES.some(known => known.startsWith(name)));
};

/** A URL that nothing marks as a link, but that a client would make one of. */
export const readUrl: InlineReader = (text, { line, final, links }) => {
  const [run] = URL_AT.exec(text) ?? [];
  if (run === undefined) {
    const [word = ''] = /^[A-Za-z]+/.exec(text) ?? [];
    const isOpen = word.length === text.length ? mayBeginUrl(word, true) : URL_BEGIN.test(text);
    return isOpen && !final && text.length < MAX_DOMAIN ? undefined : asIs(word);
  }
  if (run.length === text.length && !final && run.length <= MAX_CONSTRUCT) return undefined;
  const { url } = splitUrl(run);
  if (run.length > MAX_CONSTRUCT) return { length: MAX_CONSTRUCT, text: REMOVED };
  if (!links.hasUrl(url) || /[\\&]/.test(run)) return { length: url.length, text: REMOVED };
  const next = text.charAt(run.length);
  if (standsAlone(url) && (next === '' || /[ \t\n]/.test(next))) return asIs(url);
  if (line.endsWith('\\')) return { length: url.length, text: REMOVED }; // it would escape the bracket
  return { length: url.length, text: `<${/^www/i.test(url) ? 'http://' : ''}${url}>` };
};

/** Without a mark of emphasis, which could cut the link; nor is it cut or grown when a blank follows it. */
const standsAlone = (url: string): boolean => !/[*~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/.test(url);
