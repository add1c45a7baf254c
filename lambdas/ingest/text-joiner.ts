import { cleanText } from './clean.ts';
import type { Block, BlockPlace } from './parse/block.ts';
import { type Suspicion, suspicionsInRaw } from './suspicious.ts';
import { estimateTokens } from './tokens.ts';

/** A block in the document's text. */
export interface TextBlock {
  readonly text: string;
  /** What parts it from the block before. */
  readonly separator: string;
  /** Offset of `text` in the document's text, in UTF-16 code units. */
  readonly start: number;
  readonly tokens: number;
  readonly kind: Block['kind'];
  readonly header: string | undefined;
  readonly place: BlockPlace;
  /** Tells places apart. */
  readonly placeKey: string;
  /** Signs in what cleaning took out. */
  readonly suspicions: readonly Suspicion[];
  /** The headings above, and itself if it is one. */
  readonly section: string;
}

const maxSectionLength = 300;

/**
 * Makes one text of a document's blocks: each cleaned, then joined by blank lines; rows of a table and items of a list by
 * line breaks. Remembers no text.
 */
export class TextJoiner {
  readonly #headings: string[] = [];
  #lastKind: Block['kind'] | undefined;
  #length = 0;
  #lastHeader: { readonly raw: string; readonly clean: string } | undefined;

  /** @returns undefined when nothing is left of the block once it is clean */
  add(block: Block): TextBlock | undefined {
    const text = cleanText(block.text, block.kind === 'code' ? 'keep' : 'fold');
    if (text === '') return undefined;
    const separator = this.#separatorBefore(block);
    if (block.kind === 'heading') this.#openSection(block.level ?? 1, text);
    const start = this.#length + separator.length;
    this.#length = start + text.length;
    this.#lastKind = block.kind;
    const { kind, place } = block;
    return {
      ...{ text, separator, start, kind, place },
      tokens: estimateTokens(text),
      header: this.#cleanHeader(block.header),
      placeKey: `${place.page ?? ''}|${place.slide ?? ''}|${place.sheet ?? ''}`,
      section: this.#section(),
      suspicions: suspicionsInRaw(block.text),
    };
  }

  #separatorBefore({ kind }: Block): string {
    if (this.#lastKind === undefined) return '';
    return this.#lastKind === kind && (kind === 'table-row' || kind === 'list-item') ? '\n' : '\n\n';
  }

  #openSection(level: number, text: string): void {
    this.#headings.length = Math.min(this.#headings.length, level - 1);
    this.#headings[level - 1] = text.replaceAll('\n', ' '); // a level that was left out stays a hole
  }

  #section(): string {
    const section = this.#headings.filter(heading => heading !== undefined).join(' › ');
    return section.length > maxSectionLength ? `${section.slice(0, maxSectionLength - 1).trimEnd()}…` : section;
  }

  /** The rows of a table share its header. */
  #cleanHeader(raw: string | undefined): string | undefined {
    if (raw === undefined) return undefined;
    if (this.#lastHeader?.raw !== raw) this.#lastHeader = { raw, clean: cleanText(raw) };
    return this.#lastHeader.clean;
  }
}
