import { UnreadableDocument } from '../../errors.ts';
import { BlockList, type ParsedDocument, type Source, sensibleTitle } from './block.ts';
import { readHtml } from './html.ts';
import { limits } from './limits.ts';
import { addParagraphs } from './paragraphs.ts';
import { unreadable } from './unreadable.ts';

/** A mail, whatever file it came in. Of addresses and dates what a reader sees. */
export interface Mail {
  readonly subject?: string | undefined;
  /** `From`, `To`, `Cc`, `Date` …, in the order to show. Empty ones are left out. */
  readonly headers: readonly (readonly [name: string, value: string | undefined])[];
  readonly text?: string | undefined;
  /** Read when there is no text. */
  readonly html?: string | undefined;
  readonly attachments: readonly Attachment[];
}

export interface Attachment {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The subject as heading, the headers, the body, and each attachment as a section with its name.
 * @throws UnreadableDocument too-large; what is wrong with an attachment alone is said in its place
 */
export async function readMail(mail: Mail, { readInner, signal }: Source): Promise<ParsedDocument> {
  if (mail.attachments.length > limits.attachments) throw unreadable('too-large', 'attachments');
  const list = new BlockList();
  const text = mail.text?.trim() ? mail.text : undefined;
  if (!text && !mail.html && !mail.subject && mail.attachments.length === 0) throw unreadable('no-text');
  list.add({ kind: 'heading', level: 1, text: mail.subject ?? '', place: {} });
  const headers = mail.headers.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
  list.add({ kind: 'paragraph', text: headers.join('\n'), place: {} });
  if (text !== undefined) addParagraphs(list, text);
  else for (const block of readHtml(mail.html ?? '').blocks) list.add(belowHeading(block, 1));
  for (const attachment of mail.attachments) {
    signal?.throwIfAborted();
    await addAttachment(list, attachment, readInner);
  }
  const title = sensibleTitle(mail.subject);
  return title ? { title, blocks: list.blocks } : { blocks: list.blocks };
}

async function addAttachment(list: BlockList, { name, bytes }: Attachment, readInner: Source['readInner']) {
  list.add({ kind: 'heading', level: 2, text: name, place: {} });
  try {
    for (const block of (await readInner(bytes, name)).blocks) list.add(belowHeading(block, 2));
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    list.add({ kind: 'paragraph', text: `(This attachment could not be read. ${error.message})`, place: {} });
  }
}

/** A block that stands under a heading of that level. */
const belowHeading = (block: ParsedDocument['blocks'][number], level: number) =>
  block.level === undefined ? block : { ...block, level: Math.min(block.level + level, 6) };
