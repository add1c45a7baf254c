import { Parser } from 'htmlparser2';
import {
  type BlockKind,
  BlockList,
  type BlockPlace,
  type ParsedDocument,
  type Source,
  sensibleTitle,
} from './block.ts';
import { decodeText } from './decode-text.ts';
import { type FormatOptions, leftOutElements } from './format-options.ts';
import { HtmlTable } from './html-table.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

/** An HTML page: its `main` element if it has one, else all but navigation. Nothing that it links to is read. */
export function read({ bytes, options }: Source): ParsedDocument {
  const { text } = decodeText(bytes, declaredCharset(bytes));
  return readHtml(text, {}, options);
}

/** Reads HTML text, also a fragment. @throws UnreadableDocument too-deep, too-large */
export function readHtml(html: string, place: BlockPlace = {}, options: FormatOptions = {}): ParsedDocument {
  const reader = new HtmlReader(place, options);
  const parser = new Parser(reader, { decodeEntities: true });
  parser.write(html);
  parser.end();
  return reader.finish();
}

/** What the document says of its own encoding, in a meta element or an XML declaration near its start. */
export function declaredCharset(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, 4_096));
  const match =
    /<meta[^>]+charset\s*=\s*["']?([\w:.-]+)/i.exec(start) ?? /^<\?xml[^>]+encoding=["']([\w.-]+)/i.exec(start);
  return match?.[1];
}

const names = (list: string) => new Set(list.split(' '));
const dropped = names(
  'script style nav template noscript svg iframe object embed canvas audio video select datalist button input textarea frameset rp rt',
);
const blockElements = names(
  'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main ol optgroup option p pre section summary table tbody td tfoot th thead tr ul',
);

/** Characters kept of what is hidden. */
export const maxUnseen = 100_000;

interface List {
  readonly ordered: boolean;
  next: number;
}

/** Follows the elements with counters instead of a tree, so that depth costs nothing. */
class HtmlReader {
  readonly #place: BlockPlace;
  readonly #isLeftOut: ReturnType<typeof leftOutElements>;
  readonly #all = new BlockList();
  readonly #main = new BlockList();
  readonly #lists: List[] = [];
  readonly #tables: HtmlTable[] = [];
  #unseen = '';
  #title: string | undefined;
  #titleOpen = false;
  #depth = 0;
  /** Depth of the element that hides what is in it; 0 outside. */
  #hiddenSince = 0;
  /** It is not a script or the like, but text for readers. */
  #hidesText = false;
  #mainSince = 0;
  #text = '';
  #heading = 0;
  #pre = 0;
  #quotes = 0;
  /** What the next text of a list item starts with: its number. */
  #marker: string | undefined;
  #items = 0;

  constructor(place: BlockPlace, options: FormatOptions) {
    this.#place = place;
    this.#isLeftOut = leftOutElements(options);
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    if (++this.#depth > limits.htmlNesting) throw unreadable('too-deep');
    if (this.#hiddenSince > 0) return;
    const isLeftOut = dropped.has(name) || this.#isLeftOut(name, attributes);
    if (isLeftOut || isHidden(name, attributes)) {
      if (blockElements.has(name)) this.#flush();
      this.#hiddenSince = this.#depth;
      this.#hidesText = !isLeftOut;
      return;
    }
    if (name === 'title') this.#titleOpen = this.#title === undefined;
    if (name === 'br') this.#text += '\n';
    if (!blockElements.has(name)) return;
    this.#flush();
    this.#openBlock(name, attributes);
  }

  ontext(data: string): void {
    if (this.#hiddenSince > 0) {
      if (this.#hidesText) this.#addUnseen(data);
      return;
    }
    if (this.#titleOpen) this.#title = (this.#title ?? '') + data;
    else if (this.#pre > 0) this.#text += data;
    else {
      const folded = data.replace(/[ \t\n\r\f]+/g, ' ');
      this.#text += /[ \n]$/.test(this.#text.slice(-1)) ? folded.replace(/^ /, '') : folded;
    }
  }

  oncomment(data: string): void {
    this.#addUnseen(data);
  }

  #addUnseen(text: string): void {
    if (this.#unseen.length < maxUnseen) this.#unseen += `${text.slice(0, maxUnseen)}\n`;
  }

  onclosetag(name: string): void {
    const hidden = this.#hiddenSince > 0;
    if (this.#hiddenSince === this.#depth) this.#hiddenSince = 0;
    if (!hidden) {
      if (name === 'title') this.#titleOpen = false;
      if (blockElements.has(name)) this.#closeBlock(name);
      if (this.#mainSince === this.#depth) this.#mainSince = 0;
    }
    this.#depth--;
  }

  finish(): ParsedDocument {
    this.#flush();
    const { blocks } = this.#main.blocks.length > 0 ? this.#main : this.#all;
    const heading = blocks.find(block => block.kind === 'heading' && block.level === 1);
    const title = sensibleTitle(this.#title) ?? sensibleTitle(heading?.text);
    return { blocks, ...(title && { title }), ...(this.#unseen.trim() && { unseen: this.#unseen }) };
  }

  #openBlock(name: string, attributes: Record<string, string>): void {
    if (name === 'main' || attributes.role === 'main') this.#mainSince ||= this.#depth;
    const level = headingLevel(name);
    if (level > 0) {
      this.#heading = level;
      this.#tables.at(-1)?.takeForLayout();
    } else if (name === 'pre') this.#pre++;
    else if (name === 'blockquote') this.#quotes++;
    else if (name === 'ol' || name === 'ul') {
      this.#lists.push({ ordered: name === 'ol', next: Number.parseInt(attributes.start ?? '1', 10) || 1 });
    } else if (name === 'li') this.#openItem();
    else this.#openTablePart(name, attributes);
  }

  #openItem(): void {
    const list = this.#lists.at(-1);
    this.#items++;
    this.#marker = list?.ordered ? `${list.next++}. ` : undefined;
  }

  #openTablePart(name: string, attributes: Record<string, string>): void {
    const table = this.#tables.at(-1);
    if (name === 'table') {
      table?.takeForLayout();
      this.#tables.push(new HtmlTable(row => this.#add('paragraph', row), attributes.role === 'presentation'));
    } else if (name === 'thead') table?.openHead();
    else if (name === 'tr') table?.openRow();
    else if (name === 'td' || name === 'th') table?.openCell(name, attributes);
  }

  #closeBlock(name: string): void {
    this.#flush();
    if (headingLevel(name) > 0) this.#heading = 0;
    else if (name === 'pre') this.#pre--;
    else if (name === 'blockquote') this.#quotes--;
    else if (name === 'ol' || name === 'ul') this.#lists.pop();
    else if (name === 'li') {
      this.#items--;
      this.#marker = undefined;
    } else if (name === 'td' || name === 'th') this.#tables.at(-1)?.closeCell();
    else if (name === 'thead') this.#tables.at(-1)?.closeHead();
    else if (name === 'table') this.#closeTable();
  }

  #closeTable(): void {
    const table = this.#tables.pop();
    for (const block of table?.blocks(this.#place) ?? []) {
      this.#all.add(block);
      if (this.#mainSince > 0) this.#main.add(block);
    }
  }

  #flush(): void {
    const text = this.#pre > 0 ? this.#text.replace(/^\n|\s+$/g, '') : this.#text.trim();
    this.#text = '';
    if (text === '') return;
    if (this.#tables.at(-1)?.takes(text)) return;
    const marker = this.#marker ?? '';
    this.#marker = undefined;
    this.#add(this.#kind(), marker + text);
  }

  #kind(): BlockKind {
    if (this.#heading > 0) return 'heading';
    if (this.#pre > 0) return 'code';
    if (this.#items > 0) return 'list-item';
    return this.#quotes > 0 ? 'quote' : 'paragraph';
  }

  #add(kind: BlockKind, text: string): void {
    const level = kind === 'heading' ? { level: this.#heading } : {};
    const block = { kind, text, ...level, place: this.#place };
    this.#all.add(block);
    if (this.#mainSince > 0) this.#main.add(block);
  }
}

const headingLevel = (name: string): number => (/^h[1-6]$/.test(name) ? Number(name[1]) : 0);

/** Elements that a browser does not show, or that repeat for the eye what is there in text. */
function isHidden(name: string, attributes: Record<string, string>): boolean {
  if ('hidden' in attributes || attributes['aria-hidden'] === 'true' || attributes.role === 'navigation') return true;
  if (name === 'dialog' && !('open' in attributes)) return true;
  const style = attributes.style?.replace(/\s/g, '').toLowerCase() ?? '';
  return /(^|;)(display:none|visibility:hidden|font-size:0(px|pt|em|rem|%)?(;|!|$)|opacity:0(;|!|$))/.test(style);
}
