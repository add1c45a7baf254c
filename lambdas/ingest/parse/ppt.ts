import { BlockList, type BlockPlace, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { CompoundFile } from './compound-file.ts';
import { limits } from './limits.ts';
import { type PptRecord, pptRecords, readPptDocument, recordAt, type SlideEntry, textsIn } from './ppt-records.ts';
import { readSummaryTitle } from './summary.ts';
import { unreadable } from './unreadable.ts';

/** Old PowerPoint presentations (MS-PPT, 97 to 2003): title, text and speaker's notes of each slide. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const file = new CompoundFile(bytes);
  const { stream, slides, notes } = readPptDocument(file);
  if (slides.length > limits.slides) throw unreadable('too-large', 'slides');
  const list = new BlockList();
  slides.forEach((slide, index) => {
    signal?.throwIfAborted();
    const place = { slide: index + 1 };
    const container = recordAt(stream, slide.offset);
    for (const text of slideTexts(container, slide)) addText(list, text, place);
    const slideNotes = notes.get(notesIdOf(container));
    if (slideNotes) addNotes(list, recordAt(stream, slideNotes.offset), place);
  });
  const heading = list.blocks.find(block => block.kind === 'heading');
  const title = readSummaryTitle(file) ?? sensibleTitle(heading?.text);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

/** Text by its role: 0 and 6 are titles, 1, 5, 7 and 8 are bodies, 2 are notes, 4 is any other. */
interface SlideText {
  readonly role: number;
  readonly text: string;
}

const slideAtom = 1007;

/** Texts of the outline stand apart from the slide, whose shapes point to them; what none points to comes first. */
function slideTexts(container: PptRecord | undefined, { outline }: SlideEntry): SlideText[] {
  const shown = container ? textsIn(container) : [];
  const pointedAt = new Set(shown.map(({ outlineIndex }) => outlineIndex));
  const texts = shown.map(text => (text.outlineIndex === undefined ? text : outline[text.outlineIndex]));
  const loose = outline.filter((_, index) => !pointedAt.has(index));
  return [...loose, ...texts].filter(text => text !== undefined);
}

function notesIdOf(container: PptRecord | undefined): number {
  if (!container) return 0;
  for (const { type, data } of pptRecords(container.data)) if (type === slideAtom) return data.u32(16);
  return 0;
}

function addText(list: BlockList, { role, text }: SlideText, place: BlockPlace): void {
  const paragraphs = text.split('\r').map(paragraph => paragraph.replaceAll('\v', '\n'));
  if (role === 0 || role === 6) list.add({ kind: 'heading', level: 1, text: paragraphs.join(' '), place });
  else {
    const kind = role === 1 || role === 7 || role === 8 ? 'list-item' : 'paragraph';
    for (const paragraph of paragraphs) list.add({ kind, text: paragraph, place });
  }
}

function addNotes(list: BlockList, container: PptRecord | undefined, place: BlockPlace): void {
  for (const { role, text } of container ? textsIn(container) : []) {
    if (role !== 2) continue; // page numbers and the like
    for (const paragraph of text.split('\r')) list.add({ kind: 'note', text: paragraph.replaceAll('\v', '\n'), place });
  }
}
