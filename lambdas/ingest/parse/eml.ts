import PostalMime, { type Address } from 'postal-mime';
import type { ParsedDocument, Source } from './block.ts';
import { limits } from './limits.ts';
import { type Mail, readMail } from './mail.ts';
import { unreadable } from './unreadable.ts';

type Email = Awaited<ReturnType<typeof PostalMime.parse>>;
type Attachment = Email['attachments'][number];

/** E-mail as mail programs save it (RFC 5322, MIME). */
export async function read(source: Source): Promise<ParsedDocument> {
  return readMail(toMail(await parseMail(source.bytes)), source);
}

async function parseMail(bytes: Uint8Array): Promise<Email> {
  try {
    // Mails within a mail stay attachments, so that each becomes a section of its own.
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true, maxNestingDepth: limits.mimeNesting });
  } catch (error) {
    if (error instanceof Error && /nesting depth/i.test(error.message)) throw unreadable('too-deep');
    throw unreadable('corrupt-file', 'the e-mail', { cause: error });
  }
}

function toMail({ subject, from, to, cc, date, text, html, attachments }: Email): Mail {
  const files = attachments.filter(({ related, mimeType }) => !(related && mimeType.startsWith('image/')));
  return {
    subject,
    headers: [
      ['From', from && addressLine(from)],
      ['To', to?.map(addressLine).join(', ')],
      ['Cc', cc?.map(addressLine).join(', ')],
      ['Date', date],
    ],
    text,
    html,
    attachments: files.map((file, index) => ({ name: nameOf(file, index), bytes: contentOf(file) })),
  };
}

function addressLine(address: Address): string {
  if (address.address === undefined) return `${address.name}: ${address.group.map(addressLine).join(', ')}`;
  return address.name ? `${address.name} <${address.address}>` : address.address;
}

const contentOf = ({ content }: Attachment): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);

/** Extensions of the parts that often come without a name. */
const extensions: Readonly<Record<string, string>> = {
  'message/rfc822': 'eml',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/csv': 'csv',
  'application/json': 'json',
};

const nameOf = ({ filename, mimeType }: Attachment, index: number): string =>
  filename?.trim() || `attachment-${index + 1}.${extensions[mimeType] ?? 'txt'}`;
