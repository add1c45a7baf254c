import { type Chunk, type DocumentVersion, titleFromKey } from './document.ts';

/**
 * What is embedded of a chunk, and by whose words it is found: with its own text what it is part of, the document's title,
 * its headings, its table's header. Each is said once: a heading that the text itself holds would weigh too much.
 */
export function embeddedText(
  { title, key }: Pick<DocumentVersion, 'title' | 'key'>,
  { place, context, text }: Pick<Chunk, 'place' | 'context' | 'text'>,
): string {
  const headings = [title ?? titleFromKey(key), ...(place.section?.split(' › ') ?? [])];
  const said = text.slice(0, HEADING_REACH);
  const missing = [...new Set(headings)].filter(heading => !said.includes(heading));
  return [...missing, context, text].filter(Boolean).join('\n');
}

/** A heading stands at the beginning of the chunk that it opens, in UTF-16 code units. */
const HEADING_REACH = 500;
