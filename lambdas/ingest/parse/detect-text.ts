import { languageOf } from './code-languages.ts';
import { decodeText } from './decode-text.ts';
import type { Format } from './detect.ts';
import { extensionOf, fileNameOf } from './file-name.ts';

/** Extensions that choose among text formats. Any other text is plain text, unless its structure says more. */
const textFormats: Readonly<Record<string, Format>> = {
  txt: 'txt',
  text: 'txt',
  log: 'txt',
  md: 'md',
  markdown: 'md',
  mdx: 'md',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  xls: 'csv', // what programs export as Excel without being it: tab-separated text, or HTML, which shows itself
  json: 'json',
  jsonl: 'json',
  ndjson: 'json',
  xml: 'xml',
  yaml: 'yaml',
  yml: 'yaml',
};

const sampleBytes = 64 * 1024;

/**
 * Tells text formats apart: by a structure that only one of them has, then by the extension.
 * @returns undefined when it is no text
 */
export function detectTextFormat(bytes: Uint8Array, key: string): Format | undefined {
  const sample = decodeText(bytes.subarray(0, sampleBytes)).text;
  if (isBinary(sample)) return undefined;
  const text = sample.replace(/^[\s\ufeff]+/, '');
  const extension = extensionOf(key);
  const known = textFormats[extension];
  const telling = tellingFormat(text, extension, known);
  if (telling) return telling;
  if (extension === 'ipynb' && text.startsWith('{')) return 'ipynb';
  if (known) return known;
  if (/^<\?xml\s/.test(text)) return 'xml';
  if (languageOf(extension || fileNameOf(key).toLowerCase(), text)) return 'code';
  return isWholeJson(text, bytes.length <= sampleBytes) ? 'json' : 'txt';
}

/** Formats that no other text looks like. What a Markdown or a code file shows of them is an example in it. */
function tellingFormat(text: string, extension: string, known: Format | undefined): Format | undefined {
  if (known === 'md' || (known === undefined && languageOf(extension, ''))) return undefined;
  if (isHtml(text)) return 'html';
  if (/^WEBVTT(?=\s|$)/.test(text) || isSubRip(text)) return 'subtitles';
  if (/^\{[\s\S]*"(nbformat|cells)"\s*:/.test(text) && /"(cell_type|nbformat)"\s*:/.test(text)) return 'ipynb';
  return isMail(text, extension) ? 'eml' : undefined;
}

const isHtml = (text: string) =>
  /^(<\?xml[^>]*>\s*)?(<!--[\s\S]{0,2000}?-->\s*)?<(!doctype html|html)[\s>]/i.test(text);

/** A cue's number, then its times. */
const isSubRip = (text: string) =>
  /^\d+[^\S\n]*\r?\n\d{1,2}:\d\d:\d\d[,.]\d{1,3} --> \d{1,2}:\d\d:\d\d[,.]\d{1,3}/.test(text);

const mailHeader = /^(from|to|cc|subject|date|message-id|mime-version|received|return-path|content-type|reply-to):/i;

/** Header lines up to the first blank one. Two that only a mail has are enough; one, when the name says it is a mail. */
function isMail(text: string, extension: string): boolean {
  const lines = text.split(/\r?\n/, 100);
  const end = lines.indexOf('');
  const head = lines.slice(0, end < 0 ? undefined : end);
  if (head.some(line => !/^([!-9;-~]+:|[ \t]|>?From )/.test(line))) return false;
  const names = new Set(head.map(line => mailHeader.exec(line)?.[1]?.toLowerCase()).filter(name => name !== undefined));
  if (extension === 'eml') return names.size > 0;
  return names.size >= 3 && (names.has('message-id') || names.has('mime-version') || names.has('received'));
}

/** A value as a whole, or a value a line. A sample that ends midway is taken by its lines. */
function isWholeJson(text: string, isComplete: boolean): boolean {
  if (!/^[{[]/.test(text)) return false;
  if (isComplete && parses(text)) return true;
  const lines = text.split(/\r?\n/).slice(0, isComplete ? undefined : -1);
  const filled = lines.filter(line => line.trim() !== '').slice(0, 20);
  return filled.length > 1 && filled.every(line => /^[{[]/.test(line.trim()) && parses(line));
}

function parses(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return false; // no JSON, or too deep to tell
    throw error;
  }
}

/** Text has next to no control characters. NULs are counted apart: they come between words in exports of old programs. */
function isBinary(text: string): boolean {
  let controls = 0;
  let nuls = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0) nuls++;
    else if (
      (code < 0x20 && !(code >= 9 && code <= 13) && code !== 0x1b) ||
      (code >= 0x7f && code < 0xa0) ||
      code === 0xfffd
    )
      controls++;
  }
  return controls > text.length * 0.05 + 2 || nuls > text.length * 0.25;
}
