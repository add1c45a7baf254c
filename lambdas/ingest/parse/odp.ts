import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { limits } from './limits.ts';
import { readOdfTitle, scanContent } from './odf.ts';
import { OdfText } from './odf-text.ts';
import { unreadable } from './unreadable.ts';
import { type Attributes, attributeOf } from './xml.ts';
import { ZipArchive } from './zip.ts';

/** OpenDocument presentations: slide by slide, with the speaker's notes. */
export function read({ bytes, signal }: Source): ParsedDocument {
  const archive = new ZipArchive(bytes);
  const reader = new OdfSlides(new BlockList(), signal);
  scanContent(archive, reader);
  const { blocks } = reader.list;
  const title = readOdfTitle(archive) ?? sensibleTitle(reader.title);
  return title ? { title, blocks } : { blocks };
}

class OdfSlides extends OdfText {
  readonly #signal: AbortSignal | undefined;
  #slides = 0;
  #inNotes = false;

  constructor(list: BlockList, signal: AbortSignal | undefined) {
    super(list);
    this.#signal = signal;
  }

  override open(name: string, attributes: Attributes): void {
    if (name === 'page') this.#openSlide();
    else if (name === 'notes') this.#inNotes = true;
    else if (name === 'frame' || name === 'custom-shape') {
      const isTitle = attributeOf(attributes, 'class') === 'title' && !this.#inNotes;
      this.kind = isTitle ? 'title' : 'paragraph';
    }
    if (this.#inNotes) this.kind = 'note';
    super.open(name, attributes);
  }

  override close(name: string): void {
    super.close(name);
    if (name === 'notes') this.#inNotes = false;
    if (name === 'notes' || name === 'frame') this.kind = 'paragraph';
  }

  #openSlide(): void {
    this.#signal?.throwIfAborted();
    if (++this.#slides > limits.slides) throw unreadable('too-large', 'slides');
    this.place = { slide: this.#slides };
    this.kind = 'paragraph';
  }
}
