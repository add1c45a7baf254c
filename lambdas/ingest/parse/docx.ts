import {
  type Block,
  type BlockKind,
  BlockList,
  hasText,
  type ParsedDocument,
  type Source,
  sensibleTitle,
} from './block.ts';
import { type ParagraphStyle, readStyles } from './docx-styles.ts';
import { DocxTable } from './docx-table.ts';
import { isOn, mainPart, readRelationships, readTitle, targetOf } from './ooxml.ts';
import { unreadable } from './unreadable.ts';
import { type Attributes, attributeOf, scanPart, type XmlHandler } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** Word documents: body text in order, with text boxes, tables and the notes below the paragraph that refers to them. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const part = mainPart(archive) ?? 'word/document.xml';
  const relationships = readRelationships(archive, part);
  const styleOf = readStyles(archive, targetOf(relationships, 'styles'));
  const notes = new Map<string, string>();
  for (const kind of ['footnote', 'endnote']) {
    const notesPart = targetOf(relationships, `${kind}s`);
    if (notesPart) readNotes(archive, notesPart, kind, notes);
  }
  signal?.throwIfAborted();

  const body = new DocxBody(styleOf, notes);
  if (!scanPart(archive, part, body)) throw unreadable('corrupt-file', 'the document inside it');
  const { blocks } = body.list;
  const title = readTitle(archive) ?? body.title ?? sensibleTitle(blocks.find(block => block.level === 1)?.text);
  return title ? { title, blocks } : { blocks };
}

/** Footnotes by `footnote#id`. Separators have a type; notes have none. */
function readNotes(archive: ZipArchive, part: string, kind: string, notes: Map<string, string>): void {
  let id: string | undefined;
  let text = '';
  let inText = false;
  scanPart(archive, part, {
    open(name, attributes) {
      if (name === kind && attributeOf(attributes, 'type') === undefined) {
        id = attributeOf(attributes, 'id');
        text = '';
      } else if (name === 't') inText = true;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'p') text += '\n';
      else if (name === kind && id !== undefined) {
        notes.set(`${kind}#${id}`, text);
        id = undefined;
      }
    },
    text(piece) {
      if (inText) text += piece;
    },
  });
}

interface Paragraph {
  text: string;
  style: string | undefined;
  numbered: boolean;
  outlineLevel: number | undefined;
  /** Of the text outside it, when this one stands in a text box. */
  readonly noteIds: string[];
}

/** Text that was deleted or moved away, second copies for old programs, and readings above characters. */
const skipped = new Set(['del', 'moveFrom', 'Fallback', 'rt', 'sdtPr']);

class DocxBody implements XmlHandler {
  readonly list = new BlockList();
  title: string | undefined;
  readonly #styleOf: (id: string | undefined) => ParagraphStyle;
  readonly #notes: ReadonlyMap<string, string>;
  readonly #paragraphs: Paragraph[] = [];
  readonly #tables: DocxTable[] = [];
  #skipDepth = 0;
  #inParagraphProperties = false;
  #runHidden = false;
  #inText = false;

  constructor(styleOf: (id: string | undefined) => ParagraphStyle, notes: ReadonlyMap<string, string>) {
    this.#styleOf = styleOf;
    this.#notes = notes;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipDepth > 0 || (skipped.has(name) && !this.#inParagraphProperties)) {
      this.#skipDepth++;
      return;
    }
    const paragraph = this.#paragraphs.at(-1);
    if (name === 'p')
      this.#paragraphs.push({ text: '', style: undefined, numbered: false, outlineLevel: undefined, noteIds: [] });
    else if (name === 'pPr') this.#inParagraphProperties = true;
    else if (this.#inParagraphProperties && paragraph) readParagraphProperty(paragraph, name, attributes);
    else if (name === 'tbl') this.#tables.push(new DocxTable());
    else if (paragraph) this.#openRunPart(paragraph, name, attributes);
    if (name !== 'tbl') this.#tables.at(-1)?.open(name, attributes);
  }

  close(name: string): void {
    if (this.#skipDepth > 0) {
      this.#skipDepth--;
      return;
    }
    if (name === 't') this.#inText = false;
    else if (name === 'pPr') this.#inParagraphProperties = false;
    else if (name === 'p') this.#closeParagraph(this.#paragraphs.pop());
    else if (name === 'tbl') this.#closeTable(this.#tables.pop());
    else this.#tables.at(-1)?.close(name);
  }

  text(piece: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (paragraph && this.#inText && this.#skipDepth === 0 && !this.#runHidden) paragraph.text += piece;
  }

  #openRunPart(paragraph: Paragraph, name: string, attributes: Attributes): void {
    if (name === 'r') this.#runHidden = false;
    else if (name === 'vanish') this.#runHidden = isOn(attributes);
    else if (name === 't') this.#inText = true;
    else if (name === 'tab') paragraph.text += '\t';
    else if (name === 'br' || name === 'cr') paragraph.text += '\n';
    else if (name === 'noBreakHyphen') paragraph.text += '-';
    else if (name === 'footnoteReference' || name === 'endnoteReference') {
      paragraph.noteIds.push(`${name.slice(0, -'Reference'.length)}#${attributeOf(attributes, 'id')}`);
    }
  }

  #closeParagraph(paragraph: Paragraph | undefined): void {
    if (!paragraph) return;
    const table = this.#tables.at(-1);
    if (table) table.takes(paragraph.text);
    else this.#add(paragraph);
    for (const id of paragraph.noteIds) {
      const text = this.#notes.get(id) ?? '';
      if (table) table.takes(hasText(text) ? `(${text.trim()})` : '');
      else this.list.add({ kind: 'note', text, place: {} });
    }
  }

  #add(paragraph: Paragraph): void {
    const { kind, level } = this.#roleOf(paragraph);
    const block: Block = { kind, text: paragraph.text, place: {}, ...(level ? { level } : {}) };
    this.list.add(block);
  }

  #roleOf({ style: styleId, text, numbered, outlineLevel }: Paragraph): { kind: BlockKind; level?: number } {
    const style = this.#styleOf(styleId);
    if (style.role === 'title') {
      this.title ??= sensibleTitle(text);
      return { kind: 'heading', level: 1 };
    }
    if (style.role === 'heading') return { kind: 'heading', level: style.level };
    if (outlineLevel !== undefined && outlineLevel < 9)
      return { kind: 'heading', level: Math.min(outlineLevel + 1, 6) };
    if (numbered) return { kind: 'list-item' };
    return { kind: style.role === 'plain' ? 'paragraph' : style.role };
  }

  #closeTable(table: DocxTable | undefined): void {
    if (!table) return;
    const blocks = [...table.blocks()];
    const outer = this.#tables.at(-1);
    if (outer) outer.takes(blocks.map(block => block.text).join('\n'));
    else for (const block of blocks) this.list.add(block);
  }
}

function readParagraphProperty(paragraph: Paragraph, name: string, attributes: Attributes): void {
  const value = attributeOf(attributes, 'val');
  if (name === 'pStyle') paragraph.style = value;
  else if (name === 'numId') paragraph.numbered = value !== '0';
  else if (name === 'outlineLvl') paragraph.outlineLevel = Number(value);
}
