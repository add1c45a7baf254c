import { formatOf } from '../document.ts';

const TEXT = 'text/plain; charset=utf-8';

/** What a browser shows without doing what stands in it, by extension. */
const SHOWN_AS: Readonly<Record<string, string>> = { pdf: 'application/pdf', txt: TEXT, md: TEXT, markdown: TEXT };

/**
 * How S3 answers a link to a document: as what is only shown, or to be saved. The type that the object was written with does
 * not count, since whoever uploads a document chooses it, and a page of HTML would run where it is opened.
 */
export function linkHeaders(key: string): Readonly<Record<string, string>> {
  const format = formatOf(key);
  const type = Object.hasOwn(SHOWN_AS, format) ? SHOWN_AS[format] : undefined;
  return type === undefined ? { 'response-content-disposition': 'attachment' } : { 'response-content-type': type };
}
