import { BlockList, type ParsedDocument, type Source } from './block.ts';
import { decodeText } from './decode-text.ts';
import { declaredCharset } from './html.ts';
import { fold, rowLine } from './table.ts';
import { type Attributes, localName, scanText, type XmlHandler } from './xml.ts';

/** XML of any kind: an element with simple ones in it is a record, `name: value; …`; running text is a paragraph. */
export function read({ bytes }: Source): ParsedDocument {
  const reader = new RecordReader();
  scanText(decodeText(bytes, declaredCharset(bytes)).text, reader);
  return { blocks: reader.list.blocks };
}

interface Element {
  readonly name: string;
  text: string;
  /** Names and values of its attributes and of the simple elements in it that no block holds yet. */
  names: string[];
  values: string[];
  hasElements: boolean;
}

/** A record is cut here, so that an endless one stays readable. */
const maxRecordValues = 60;

class RecordReader implements XmlHandler {
  readonly list = new BlockList();
  readonly #open: Element[] = [];

  open(name: string, attributes: Attributes): void {
    const parent = this.#open.at(-1);
    if (parent) parent.hasElements = true;
    const element: Element = { name, text: '', names: [], values: [], hasElements: false };
    for (const [attribute, value] of Object.entries(attributes)) {
      if (/^(xmlns|xml:|xsi:)/.test(attribute)) continue;
      element.names.push(localName(attribute));
      element.values.push(value);
    }
    this.#open.push(element);
  }

  text(piece: string): void {
    const element = this.#open.at(-1);
    if (element) element.text += piece;
  }

  close(): void {
    const element = this.#open.pop();
    if (!element) return;
    const parent = this.#open.at(-1);
    const text = fold(element.text);
    if (parent && !element.hasElements && element.values.length === 0) this.#closeSimple(parent, element.name, text);
    else {
      for (const outer of this.#open) this.#flush(outer);
      this.#flush(element);
      this.list.add({ kind: 'paragraph', text, place: {} });
    }
  }

  /** Within running text it is a word of it, else a value of its parent's record. */
  #closeSimple(parent: Element, name: string, text: string): void {
    if (/\S/.test(parent.text)) parent.text += text;
    else if (text !== '') {
      parent.names.push(name);
      parent.values.push(text);
      if (parent.values.length >= maxRecordValues) this.#flush(parent);
    }
  }

  #flush(element: Element): void {
    if (element.values.length === 0) return;
    this.list.add({ kind: 'table-row', text: rowLine(element.values, element.names), place: {} });
    element.names = [];
    element.values = [];
  }
}
