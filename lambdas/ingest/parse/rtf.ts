import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { limits } from './limits.ts';
import { RtfBody } from './rtf-body.ts';
import { codePageOf, RtfText } from './rtf-text.ts';
import { type RtfToken, rtfTokens } from './rtf-tokens.ts';
import { unreadable } from './unreadable.ts';

/** Rich text: paragraphs, headings by their style, lists, tables, footnotes. A file cut short is read to where it ends. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const reader = new RtfReader();
  let count = 0;
  for (const token of rtfTokens(bytes)) {
    if (++count % 100_000 === 0) signal?.throwIfAborted();
    reader.take(token);
  }
  return reader.finish();
}

/** Groups whose text is not the document's. Those that begin with `\*` are skipped too, unless they are known. */
const skipped = new Set(
  'colortbl pict object objdata header headerl headerr headerf footer footerl footerr footerf fldinst listtable listoverridetable revtbl rsidtbl generator themedata colorschememapping datastore latentstyles xmlnstbl annotation atnid atnauthor atnref atndate atnicn bkmkstart bkmkend sp filetbl nonshppict private ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn template operator company author subject keywords doccomm creatim revtim printim buptim xe tc txe rxe pgdsctbl listlevel listname mmathPr pnseclvl userprops password passwordhash'.split(
    ' ',
  ),
);
/** Groups that begin with `\*` and are read all the same. */
const known = new Set(['shpinst', 'shptxt', 'pn', 'fldrslt']);
const markers = new Set(['pntext', 'listtext', 'pntxta', 'pntxtb']);

type Role = 'body' | 'skip' | 'fonts' | 'styles' | 'title' | 'note' | 'marker';

/** What a brace closes again. */
interface Group {
  readonly role: Role;
  readonly codePage: string;
  /** Characters to skip behind each `\u`. */
  readonly fallbackLength: number;
  readonly hidden: boolean;
}

const symbols: Readonly<Record<string, string>> = { '~': '\u00a0', _: '\u2011', '{': '{', '}': '}', '\\': '\\' };
const characters: Readonly<Record<string, string>> = {
  tab: '\t',
  line: '\n',
  lbr: '\n',
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  emspace: ' ',
  enspace: ' ',
  qmspace: ' ',
};

class RtfReader {
  readonly #list = new BlockList();
  readonly #body = new RtfBody(this.#list);
  readonly #groups: Group[] = [];
  #group: Group = { role: 'body', codePage: 'windows-1252', fallbackLength: 1, hidden: false };
  #text = new RtfText();
  #title = '';
  #starred = false;
  /** Of HTML in RTF: between `\htmlrtf` and `\htmlrtf0` stands what HTML says already. */
  #repeats = false;
  readonly #fonts = new Map<number, string>();
  #font = 0;
  #style = 0;

  take(token: RtfToken): void {
    if (token.type === 'text') {
      if (this.#group.role !== 'skip') this.#text.addBytes(token.bytes, this.#group.codePage); // pictures are megabytes
    } else if (token.type === 'word' && token.name === 'u') {
      this.#text.addCodeUnit(token.parameter ?? 63, this.#group.fallbackLength);
    } else {
      this.#flush();
      this.#control(token);
    }
  }

  finish(): ParsedDocument {
    this.#flush();
    this.#body.finish();
    const { blocks } = this.#list;
    const title = sensibleTitle(this.#title) ?? sensibleTitle(blocks.find(block => block.level === 1)?.text);
    return title ? { title, blocks } : { blocks };
  }

  #control(token: Exclude<RtfToken, { type: 'text' }>): void {
    if (token.type === 'word') this.#word(token.name, token.parameter);
    else if (token.type === 'symbol') this.#symbol(token.name);
    else if (token.type === 'open') this.#open();
    else this.#close();
  }

  #open(): void {
    if (this.#groups.length >= limits.nesting) throw unreadable('too-deep');
    this.#groups.push(this.#group);
    this.#starred = false;
    this.#style = 0; // of the style that this group may define
  }

  #close(): void {
    const ended = this.#group;
    const outer = this.#groups.pop();
    if (!outer) return;
    this.#group = outer;
    if (ended.role === 'note' && outer.role !== 'note') this.#body.endNote();
    if (ended.role === 'styles' && outer.role === 'styles') this.#body.endStyle(this.#style);
  }

  #symbol(name: string): void {
    if (name === '*') this.#starred = true;
    else if (name === '\n' || name === '\r') this.#word('par', undefined);
    else this.#put(symbols[name] ?? '');
  }

  #word(name: string, parameter: number | undefined): void {
    const starred = this.#starred;
    this.#starred = false;
    if (this.#startsDestination(name, starred)) return;
    if (name === 'ansicpg') this.#group = { ...this.#group, codePage: codePageOf.ansi(parameter) };
    else if (name === 'f' && this.#group.role === 'fonts') this.#font = parameter ?? 0;
    else if (name === 'fcharset') this.#fonts.set(this.#font, codePageOf.charset(parameter) ?? this.#group.codePage);
    else if (name === 'f')
      this.#group = { ...this.#group, codePage: this.#fonts.get(parameter ?? 0) ?? this.#group.codePage };
    else if (name === 'uc') this.#group = { ...this.#group, fallbackLength: parameter ?? 1 };
    else if (name === 'v' || name === 'deleted') this.#group = { ...this.#group, hidden: parameter !== 0 };
    else if (name === 'plain') this.#group = { ...this.#group, hidden: false };
    else if (name === 'htmlrtf') this.#repeats = parameter !== 0;
    else if (this.#group.role === 'styles') this.#readStyle(name, parameter);
    else if (characters[name] !== undefined) this.#put(characters[name]);
    else if (this.#group.role !== 'skip' && !this.#repeats) this.#body.control(name, parameter);
  }

  /** @returns whether the word says whose text the group holds */
  #startsDestination(name: string, starred: boolean): boolean {
    const role = this.#roleOf(name, starred);
    if (role === undefined) return false;
    if (this.#group.role !== 'skip') {
      if (role === 'note') this.#body.startNote();
      if (role === 'marker') this.#body.marker('');
      this.#group = { ...this.#group, role };
    }
    return true;
  }

  #roleOf(name: string, starred: boolean): Role | undefined {
    if (name === 'fonttbl') return 'fonts';
    if (name === 'stylesheet') return 'styles';
    if (name === 'title' && !starred) return 'title';
    if (name === 'footnote') return 'note';
    if (markers.has(name)) return 'marker';
    if (this.#group.role === 'styles' && /^[ctd]s$/.test(name)) return undefined;
    if (skipped.has(name) || (starred && !known.has(name))) return 'skip';
    return starred ? 'body' : undefined;
  }

  #readStyle(name: string, parameter: number | undefined): void {
    if (name === 's') this.#style = parameter ?? 0;
    else if (name === 'cs' || name === 'ts' || name === 'ds')
      this.#style = -1; // of characters, tables and sections
    else if (name === 'outlinelevel') this.#body.nameStyle(this.#style, '', parameter);
  }

  #flush(): void {
    const text = this.#text.take();
    if (text !== '') this.#put(text);
  }

  #put(text: string): void {
    const { role, hidden } = this.#group;
    if (role === 'title') this.#title += text;
    else if (role === 'styles') this.#body.nameStyle(this.#style, text);
    else if (role === 'marker') this.#body.marker(text);
    else if ((role === 'body' || role === 'note') && !hidden && !this.#repeats) this.#body.text(text);
  }
}
