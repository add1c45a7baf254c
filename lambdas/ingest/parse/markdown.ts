import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { type BlockKind, BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { decodeText } from './decode-text.ts';
import { maxUnseen, readHtml } from './html.ts';
import { limits } from './limits.ts';
import { tableBlocks } from './table.ts';
import { unreadable } from './unreadable.ts';

type Root = ReturnType<typeof fromMarkdown>;
type Node = Root | Root['children'][number];
type Parent = { readonly children: readonly Node[] };
type Code = Extract<Node, { type: 'code' }>;
type List = Extract<Node, { type: 'list' }>;
type Table = Extract<Node, { type: 'table' }>;

/** GitHub-flavoured Markdown. Front matter gives the title at most; HTML inside is read as HTML. */
export const read = ({ bytes, signal }: Source): ParsedDocument => readMarkdown(decodeText(bytes).text, signal);

/** Reads Markdown text. @throws UnreadableDocument too-deep, too-large */
export function readMarkdown(text: string, signal?: AbortSignal): ParsedDocument {
  const { title, body } = takeFrontMatter(text.replace(/\r\n?/g, '\n'));
  const reader = new MarkdownReader();
  for (const piece of markdownPieces(body)) {
    signal?.throwIfAborted();
    reader.read(piece);
  }
  const { blocks } = reader.list;
  const heading = blocks.find(block => block.kind === 'heading' && block.level === 1);
  const named = sensibleTitle(title) ?? sensibleTitle(heading?.text);
  return { blocks, unseen: addressesIn(body) + reader.unseen, ...(named && { title: named }) };
}

/** Links and pictures, of which a reader sees the words only. */
function addressesIn(text: string): string {
  let addresses = '';
  for (const [link] of text.matchAll(/!?\[[^\]\n]*\]\([^)\n]*\)/g)) {
    if (addresses.length < maxUnseen) addresses += `${link.slice(0, maxUnseen)}\n`;
  }
  return addresses;
}

/** YAML (`---`) or TOML (`+++`) before the text. */
function takeFrontMatter(text: string): { title?: string; body: string } {
  const match = /^(---|\+\+\+)[ \t]*\n([\s\S]*?)\n\1[ \t]*(\n|$)/.exec(text);
  if (!match || !/^[\w"'-]+\s*[:=]/m.test(match[2] ?? '')) return { body: text };
  const title = /^title\s*[:=]\s*(.+)$/im.exec(match[2] ?? '')?.[1]?.trim();
  const body = text.slice(match[0].length);
  return title ? { title: title.replace(/^(["'])(.*)\1$/, '$2'), body } : { body };
}

/** Cuts a long text before headings outside code fences, or at any blank line outside them when there is no heading. */
export function* markdownPieces(text: string, size: number = limits.markdownPiece): Generator<string> {
  let start = 0;
  let fence: string | undefined;
  for (let at = 0; text.length - start > size && at < text.length; ) {
    const end = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, Math.min(end, at + 80));
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark && !fence) fence = mark;
    else if (mark && fence && mark.startsWith(fence)) fence = undefined;
    const long = at - start;
    const mayCut = !fence && (/^#{1,6}\s/.test(line) ? long > size / 2 : line.trim() === '' && long > size);
    if (mayCut || long > size * 4) {
      yield text.slice(start, at);
      start = at;
      fence = undefined;
    }
    at = end;
  }
  yield text.slice(start);
}

class MarkdownReader {
  readonly list = new BlockList();
  unseen = '';

  read(text: string): void {
    this.#readChildren(parseMarkdown(text), 'paragraph', 0);
  }

  #readChildren(parent: Parent, kind: BlockKind, depth: number): void {
    if (depth > limits.nesting) throw unreadable('too-deep');
    for (const node of parent.children) this.#readNode(node, kind, depth);
  }

  /** @param kind what a paragraph here is: plain, of a list item, quoted or of a footnote */
  #readNode(node: Node, kind: BlockKind, depth: number): void {
    switch (node.type) {
      case 'heading':
        this.list.add({ kind: 'heading', level: node.depth, text: inlineText(node), place: {} });
        break;
      case 'paragraph':
        this.list.add({ kind, text: inlineText(node), place: {} });
        break;
      case 'code':
        this.#readCode(node, kind, depth + 1);
        break;
      case 'html':
        this.#readHtml(node.value);
        break;
      case 'table':
        this.#readTable(node);
        break;
      case 'list':
        this.#readList(node, depth + 1);
        break;
      case 'blockquote':
        this.#readChildren(node, kind === 'list-item' ? kind : 'quote', depth + 1);
        break;
      case 'footnoteDefinition':
        this.#readChildren(node, 'note', depth + 1);
        break;
      default: // definitions and thematic breaks hold no text
    }
  }

  /** Text that was indented too far under a list item is code by the grammar only: its escapes and links give it away. */
  #readCode(node: Code, kind: BlockKind, depth: number): void {
    const isFenced = (node.position?.end.line ?? 0) - (node.position?.start.line ?? 0) > node.value.split('\n').length;
    const isProse = !isFenced && !node.lang && /\\[.\-_()]|\]\([^)\s]+\)/.test(node.value);
    if (isProse && depth <= limits.nesting) this.#readChildren(parseMarkdown(node.value), kind, depth);
    else this.list.add({ kind: 'code', text: node.value, place: {} });
  }

  #readList(list: List, depth: number): void {
    list.children.forEach((item, index) => {
      this.#readItem(item, list.ordered ? `${(list.start ?? 1) + index}. ` : '', depth);
    });
  }

  #readItem(item: Parent, marker: string, depth: number): void {
    if (depth > limits.nesting) throw unreadable('too-deep');
    item.children.forEach((node, index) => {
      if (index > 0 || node.type !== 'paragraph') this.#readNode(node, 'list-item', depth);
      else this.list.add({ kind: 'list-item', text: marker + inlineText(node), place: {} });
    });
  }

  #readHtml(html: string): void {
    const { blocks, unseen = '' } = readHtml(html);
    for (const block of blocks) this.list.add(block);
    if (this.unseen.length < maxUnseen) this.unseen += unseen;
  }

  #readTable(table: Table): void {
    const [header, ...rows] = table.children.map(row => row.children.map(inlineText));
    for (const block of tableBlocks(rows, header, {})) this.list.add(block);
  }
}

function parseMarkdown(text: string): Parent {
  try {
    return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  } catch (error) {
    if (error instanceof RangeError) throw unreadable('too-deep'); // the stack of a recursive step is used up
    throw error;
  }
}

/** What a reader sees of inline content: link texts without addresses, no pictures, `<br>` as a line break. */
function inlineText(node: Node, depth = 0): string {
  if (depth > limits.nesting) throw unreadable('too-deep');
  switch (node.type) {
    case 'text':
      return node.value.replaceAll('\n', ' ');
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'html':
      return /^<br\b/i.test(node.value) ? '\n' : '';
    default:
      return 'children' in node ? node.children.map(child => inlineText(child, depth + 1)).join('') : '';
  }
}
