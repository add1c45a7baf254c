import type { FormatOptions } from './format-options.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

/** `note` is a footnote, an endnote or a speaker's note. */
export type BlockKind = 'heading' | 'paragraph' | 'list-item' | 'table-row' | 'code' | 'quote' | 'note';

/** Where a block stands. Counted from 1; a field is absent when the format has no such place. */
export interface BlockPlace {
  readonly page?: number;
  readonly sheet?: string;
  readonly slide?: number;
}

/** A piece of a document that means something by itself, in reading order. */
export interface Block {
  readonly kind: BlockKind;
  /** As the format holds it: `cleanText` has not run yet. Line breaks are those of the document. */
  readonly text: string;
  /** Of a heading: 1 (outermost) to 6. */
  readonly level?: number;
  /** Of a table row that is not the header itself: the table's header line, for chunks that start further down. */
  readonly header?: string;
  readonly place: BlockPlace;
}

export interface ParsedDocument {
  /** What the document calls itself, if it does. */
  readonly title?: string;
  readonly blocks: readonly Block[];
  /** What is in the file but not shown to its readers: comments, hidden elements, addresses. Never part of a block. */
  readonly unseen?: string;
}

/** What every format's module gets. */
export interface Source {
  readonly bytes: Uint8Array;
  /** The object's key: its extension may tell the programming language. */
  readonly key: string;
  /** Of this file alone, not of files within it. */
  readonly options: FormatOptions;
  /** Stops between pages, sheets, slides and parts. */
  readonly signal?: AbortSignal;
  /**
   * Reads a file within this one, such as a mail's attachment, whatever format it has.
   * @throws UnreadableDocument as for a document of its own; too-deep when files are packed too often into one another
   */
  readonly readInner: (bytes: Uint8Array, name: string) => Promise<ParsedDocument>;
}

/**
 * Reads text piece by piece, wherever it is cut: what it holds does not grow with the text. Line breaks are `\n`.
 * Blocks without text may be among those returned.
 */
export interface TextReader {
  /** @returns the blocks that are complete now */
  write(text: string): Block[];
  /** @returns those that remain */
  end(): Block[];
}

export type Reader = (source: Source) => Promise<ParsedDocument> | ParsedDocument;

/** Collects blocks: drops those without text and keeps the total within `limits.characters`. */
export class BlockList {
  readonly blocks: Block[] = [];
  #characters = 0;

  /** @throws UnreadableDocument too-large */
  add(block: Block): void {
    if (!hasText(block.text) || this.#repeatsHeading(block)) return;
    this.#characters += block.text.length;
    if (this.#characters > limits.characters) throw unreadable('too-large', 'characters');
    this.blocks.push(block);
  }

  /** Converters write a document's title once as such and once more as its first heading. */
  #repeatsHeading(block: Block): boolean {
    const last = this.blocks.at(-1);
    if (block.kind !== 'heading' || last?.kind !== 'heading') return false;
    return last.text === block.text && last.place.page === block.place.page && last.place.slide === block.place.slide;
  }
}

/** Whether anything but white space, control and format characters is in it. */
export const hasText = (text: string): boolean => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text);

/** The title if it says something; undefined otherwise. White space is folded. */
export function sensibleTitle(title: string | undefined): string | undefined {
  const folded = title?.replace(/\s+/gu, ' ').trim();
  if (!folded || folded.length > 300 || !/\p{L}/u.test(folded)) return undefined;
  if (/^(untitled|unbenannt|title|document\d*|slide \d+|powerpoint presentation|microsoft word - .*)$/i.test(folded)) {
    return undefined;
  }
  return /\.(docx?|pptx?|xlsx?|pdf|indd|tex|html?|odt|rtf|dvi)$/i.test(folded) ? undefined : folded;
}
