import { type Chunk, type DocumentVersion, titleFromKey } from './document.ts';

/**
 * What is embedded of a chunk, and by whose words it is found: with its own text what it is part of, the document's title,
 * its headings, its table's header.
 */
export const embeddedText = (
  { title, key }: Pick<DocumentVersion, 'title' | 'key'>,
  { place, context, text }: Pick<Chunk, 'place' | 'context' | 'text'>,
): string => [title ?? titleFromKey(key), place.section, context, text].filter(Boolean).join('\n');
