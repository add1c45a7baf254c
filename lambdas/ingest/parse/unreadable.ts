import { UnreadableDocument } from '../../errors.ts';
import { limits } from './limits.ts';

const count = (value: number) => value.toLocaleString('en-US');

/** What to do about each limit: a sentence for a content owner. */
const tooLarge = {
  bytes: `It unpacks to more than ${count(limits.inflatedBytes / 1024 / 1024)} MB, or far more than its size suggests.`,
  characters: `It holds more than ${count(limits.characters)} characters of text.`,
  streamedCharacters: `It holds more than ${count(limits.streamedCharacters)} characters of text.`,
  cells: `It holds more than ${count(limits.cells)} filled cells.`,
  pages: `It has more than ${count(limits.pages)} pages.`,
  slides: `It has more than ${count(limits.slides)} slides.`,
  attachments: `It has more than ${count(limits.attachments)} attachments.`,
  entries: `It is an archive of more than ${count(limits.archiveEntries)} files.`,
} as const;

const sentences = {
  'empty-file': 'The file is empty (0 bytes). Check the original and upload it again.',
  encrypted: 'The file is protected by a password. Remove the protection and upload it again.',
  'no-text-layer':
    'The PDF holds only images of pages, no text. Run text recognition (OCR) on it and upload the result.',
  'no-text': 'There is no text in the file. Check that the right file was uploaded.',
  'too-deep': 'The file nests its parts thousands of levels deep. Save it again from the program that made it.',
  'too-complex':
    'Reading the file takes more memory than there is for one document. Split it, or save it in a simpler form, and upload that.',
  'parse-timeout':
    'Reading the file takes longer than one document may. Split it, or save it in a simpler form, and upload that.',
  'unsafe-content':
    'The file declares XML entities, or YAML aliases without end, which are refused because they can read other files or grow beyond measure. Save it again from the program that made it, without them.',
} as const;

/** Stable codes of files that can never be read as they are. */
export type UnreadableCode = keyof typeof sentences | 'too-large' | 'corrupt-file' | 'unsupported-format';

/** @param limit which limit was passed */
export function unreadable(code: 'too-large', limit: keyof typeof tooLarge): UnreadableDocument;
/** @param what the format, as in "the PDF" */
export function unreadable(code: 'corrupt-file', what: string, options?: ErrorOptions): UnreadableDocument;
/** @param what a sentence that names what the file is and what would be read instead */
export function unreadable(code: 'unsupported-format', what: string): UnreadableDocument;
export function unreadable(code: keyof typeof sentences): UnreadableDocument;
export function unreadable(code: UnreadableCode, detail = '', options?: ErrorOptions): UnreadableDocument {
  switch (code) {
    case 'too-large': {
      const reason = tooLarge[detail as keyof typeof tooLarge]; // the overload above allows nothing else
      return new UnreadableDocument(code, `The file is too large to read. ${reason} Split it into smaller files.`);
    }
    case 'corrupt-file': {
      const message = `The file is damaged: ${detail} could not be read. Open it in the program that made it, save it again and upload that copy.`;
      return new UnreadableDocument(code, message, options);
    }
    case 'unsupported-format':
      return new UnreadableDocument(code, detail);
    default:
      return new UnreadableDocument(code, sentences[code]);
  }
}

const readable =
  'PDF, Word, PowerPoint, Excel, OpenDocument, RTF, EPUB, e-mail, HTML, Markdown, CSV, JSON, YAML, XML or plain text';

/** @param what the file is, as in "a picture" */
export const notSupported = (what: string): UnreadableDocument =>
  unreadable('unsupported-format', `The file is ${what}, which cannot be read. Upload it as ${readable}.`);
