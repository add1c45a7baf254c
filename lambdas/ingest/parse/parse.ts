import { hasText, type ParsedDocument, type Reader } from './block.ts';
import { detectFormat, type Format } from './detect.ts';
import type { FormatOptions } from './format-options.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

/** Loaded when a document of that format comes, so that a cold start pays for none of them. */
const readers: Readonly<Record<Format, () => Promise<{ read: Reader }>>> = {
  txt: () => import('./txt.ts'),
  md: () => import('./markdown.ts'),
  html: () => import('./html.ts'),
  csv: () => import('./csv.ts'),
  json: () => import('./json.ts'),
  xml: () => import('./xml-document.ts'),
  yaml: () => import('./yaml.ts'),
  subtitles: () => import('./subtitles.ts'),
  ipynb: () => import('./ipynb.ts'),
  code: () => import('./code.ts'),
  eml: () => import('./eml.ts'),
  rtf: () => import('./rtf.ts'),
  pdf: () => import('./pdf.ts'),
  docx: () => import('./docx.ts'),
  pptx: () => import('./pptx.ts'),
  xlsx: () => import('./xlsx.ts'),
  odt: () => import('./odt.ts'),
  ods: () => import('./ods.ts'),
  odp: () => import('./odp.ts'),
  epub: () => import('./epub.ts'),
  doc: () => import('./doc.ts'),
  xls: () => import('./xls.ts'),
  ppt: () => import('./ppt.ts'),
  msg: () => import('./msg.ts'),
};

/**
 * Reads a document of any supported format. Nothing outside `bytes` is ever read, and the file is taken for what it
 * is, whatever its name says.
 * @param key the object's key: its extension chooses among text formats
 * @param options of the file itself; files within it are read as they are
 * @returns blocks in reading order, at least one with text; `format` is what the file turned out to be
 * @throws UnreadableDocument for what can never be read as it is, with a stable code
 * @throws DOMException AbortError when `signal` is aborted
 */
export async function parse(
  bytes: Uint8Array,
  key: string,
  signal?: AbortSignal,
  options: FormatOptions = {},
): Promise<ParsedDocument & { readonly format: Format }> {
  return parseWithin(bytes, key, signal, 0, options);
}

/** @param depth how many files this one is packed into */
async function parseWithin(
  bytes: Uint8Array,
  key: string,
  signal: AbortSignal | undefined,
  depth: number,
  options: FormatOptions,
): Promise<ParsedDocument & { readonly format: Format }> {
  if (depth > limits.innerDepth) throw unreadable('too-deep');
  const format = detectFormat(bytes, key);
  const { read } = await readers[format]();
  signal?.throwIfAborted();
  const readInner = (inner: Uint8Array, name: string) => parseWithin(inner, name, signal, depth + 1, {});
  const document = await read({ bytes, key, options, readInner, ...(signal && { signal }) });
  if (!document.blocks.some(block => hasText(block.text))) throw unreadable('no-text');
  return { ...document, format };
}
