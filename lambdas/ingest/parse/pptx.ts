import { BlockList, type BlockPlace, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { limits } from './limits.ts';
import { mainPart, readRelationships, readTitle, targetOf } from './ooxml.ts';
import { splitHeader, tableBlocks } from './table.ts';
import { unreadable } from './unreadable.ts';
import { type Attributes, attributeOf, scanPart, type XmlHandler } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** PowerPoint: slides in the order of the show; title, text, tables, diagrams and the speaker's notes of each. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const presentation = mainPart(archive) ?? 'ppt/presentation.xml';
  const list = new BlockList();
  let firstTitle: string | undefined;
  slideParts(archive, presentation).forEach((part, index) => {
    signal?.throwIfAborted();
    const place = { slide: index + 1 };
    const slide = readShapes(archive, part);
    addShapes(list, slide, place);
    const relationships = readRelationships(archive, part);
    for (const { type, target } of relationships.values()) {
      if (type === 'diagramData')
        addShapes(list, [{ role: 'text', paragraphs: readDiagram(archive, target), rows: [] }], place);
    }
    const notes = targetOf(relationships, 'notesSlide');
    if (notes) addNotes(list, readShapes(archive, notes), place);
    firstTitle ??= slide
      .find(shape => shape.role === 'title')
      ?.paragraphs.map(paragraph => paragraph.text)
      .join(' ');
  });
  const title = readTitle(archive) ?? sensibleTitle(firstTitle);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

function slideParts(archive: ZipArchive, presentation: string): string[] {
  const ids: string[] = [];
  const found = scanPart(archive, presentation, {
    open(name, attributes) {
      // The element has an `id` of its own beside the `r:id` that points to the slide.
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1];
      if (name === 'sldId' && id !== undefined) ids.push(id);
    },
  });
  if (!found) throw unreadable('corrupt-file', 'the presentation inside it');
  if (ids.length > limits.slides) throw unreadable('too-large', 'slides');
  const relationships = readRelationships(archive, presentation);
  return ids.map(id => relationships.get(id)?.target).filter(part => part !== undefined);
}

interface SlideParagraph {
  readonly text: string;
  readonly bulleted: boolean;
}

interface Shape {
  readonly role: 'title' | 'body' | 'text' | 'furniture';
  readonly paragraphs: readonly SlideParagraph[];
  readonly rows: readonly (readonly string[])[];
}

function readShapes(archive: ZipArchive, part: string): Shape[] {
  const reader = new ShapeReader();
  if (!scanPart(archive, part, reader)) throw unreadable('corrupt-file', 'a slide inside it');
  return reader.shapes;
}

/** The title first, wherever it was drawn; then the shapes as they were put on the slide. */
function addShapes(list: BlockList, shapes: readonly Shape[], place: BlockPlace): void {
  const titles = shapes.filter(shape => shape.role === 'title');
  for (const shape of titles) {
    const text = shape.paragraphs.map(paragraph => paragraph.text).join(' ');
    list.add({ kind: 'heading', level: 1, text, place });
  }
  for (const shape of shapes) {
    if (shape.role === 'title' || shape.role === 'furniture') continue;
    for (const { text, bulleted } of shape.paragraphs) {
      list.add({ kind: bulleted ? 'list-item' : 'paragraph', text, place });
    }
    const { header, body } = splitHeader(shape.rows);
    for (const block of tableBlocks(body, header, place)) list.add(block);
  }
}

function addNotes(list: BlockList, shapes: readonly Shape[], place: BlockPlace): void {
  for (const shape of shapes) {
    if (shape.role === 'furniture') continue;
    for (const { text } of shape.paragraphs) list.add({ kind: 'note', text, place });
  }
}

/** SmartArt keeps its text in a part of its own. */
function readDiagram(archive: ZipArchive, part: string): SlideParagraph[] {
  const reader = new ShapeReader();
  scanPart(archive, part, reader);
  return reader.loose;
}

const roles: Readonly<Record<string, Shape['role']>> = {
  title: 'title',
  ctrTitle: 'title',
  body: 'body',
  obj: 'body',
  sldNum: 'furniture',
  dt: 'furniture',
  ftr: 'furniture',
  hdr: 'furniture',
  sldImg: 'furniture',
};

class ShapeReader implements XmlHandler {
  readonly shapes: Shape[] = [];
  /** Paragraphs outside of any shape, as in diagrams. */
  readonly loose: SlideParagraph[] = [];
  #shape: { role: Shape['role']; paragraphs: SlideParagraph[]; rows: string[][] } | undefined;
  #skipDepth = 0;
  #text: string | undefined;
  #bulleted: boolean | undefined;
  #inText = false;
  #cell: string | undefined;

  open(name: string, attributes: Attributes): void {
    if (this.#skipDepth > 0 || name === 'Fallback') {
      this.#skipDepth++;
      return;
    }
    if (name === 'sp' || name === 'graphicFrame') this.#shape = { role: 'text', paragraphs: [], rows: [] };
    else if (name === 'ph' && this.#shape) this.#shape.role = roles[attributeOf(attributes, 'type') ?? 'obj'] ?? 'text';
    else if (name === 'tr') this.#shape?.rows.push([]);
    else if (name === 'tc') this.#cell = '';
    else if (name === 'p') {
      this.#text = '';
      this.#bulleted = undefined;
    } else if (name === 'buChar' || name === 'buAutoNum') this.#bulleted = true;
    else if (name === 'buNone') this.#bulleted = false;
    else if (name === 'br') this.#text += '\n';
    else if (name === 't') this.#inText = true;
  }

  close(name: string): void {
    if (this.#skipDepth > 0) {
      this.#skipDepth--;
      return;
    }
    if (name === 't') this.#inText = false;
    else if (name === 'p') this.#closeParagraph();
    else if (name === 'tc') {
      this.#shape?.rows.at(-1)?.push(this.#cell ?? '');
      this.#cell = undefined;
    } else if ((name === 'sp' || name === 'graphicFrame') && this.#shape) {
      this.shapes.push(this.#shape);
      this.#shape = undefined;
    }
  }

  text(piece: string): void {
    if (this.#inText && this.#text !== undefined && this.#skipDepth === 0) this.#text += piece;
  }

  #closeParagraph(): void {
    const text = this.#text ?? '';
    this.#text = undefined;
    if (this.#cell !== undefined) this.#cell += this.#cell === '' ? text : ` ${text}`;
    else
      (this.#shape?.paragraphs ?? this.loose).push({ text, bulleted: this.#bulleted ?? this.#shape?.role === 'body' });
  }
}
