import type { ParsedDocument, Source } from './block.ts';
import { ByteReader } from './byte-reader.ts';
import { CompoundFile } from './compound-file.ts';
import { limits } from './limits.ts';
import { type Attachment, type Mail, readMail } from './mail.ts';
import { inflateRtf } from './msg-rtf.ts';
import { codePageOf } from './rtf-text.ts';

/** Outlook messages (MS-OXMSG). */
export async function read(source: Source): Promise<ParsedDocument> {
  const file = new CompoundFile(source.bytes);
  const { blocks, title } = await readMessage(file, '', source, 0);
  return title ? { title, blocks } : { blocks };
}

/** Ids of the properties that are read. */
const property = {
  subject: '0037',
  sentAt: 0x0039,
  deliveredAt: 0x0e06,
  senderName: '0c1a',
  senderAddress: '5d01',
  senderMail: '0c1f',
  to: '0e04',
  cc: '0e03',
  body: '1000',
  rtf: '1009',
  html: '1013',
  codePage: 0x3fde,
  messageCodePage: 0x3ffd,
  attachedBytes: '3701',
  longName: '3707',
  shortName: '3704',
  displayName: '3001',
} as const;

/** Bytes before the first property, in the stream of a message and of one within it. */
const headerLength = { message: 32, embedded: 24 } as const;

/** @param folder of the message in the container: empty, or an attachment's */
async function readMessage(file: CompoundFile, folder: string, source: Source, depth: number): Promise<ParsedDocument> {
  const properties = new MessageProperties(file, folder);
  const rtf = properties.bytes(property.rtf);
  const body = properties.text(property.body);
  const html = body?.trim() ? undefined : properties.html();
  const richText = !body?.trim() && !html && rtf ? inflateRtf(rtf) : undefined;
  const mail: Mail = {
    subject: properties.text(property.subject),
    headers: [
      ['From', properties.sender()],
      ['To', properties.text(property.to)],
      ['Cc', properties.text(property.cc)],
      ['Date', properties.time(property.sentAt) ?? properties.time(property.deliveredAt)],
    ],
    text: body,
    html,
    attachments: [...(richText ? [{ name: 'message.rtf', bytes: richText }] : []), ...attachmentsOf(file, folder)],
  };
  const embedded = depth < limits.innerDepth ? embeddedFolders(file, folder) : [];
  const document = await readMail(mail, source);
  const blocks = [...document.blocks];
  for (const inner of embedded) blocks.push(...(await readMessage(file, inner, source, depth + 1)).blocks);
  return { ...document, blocks };
}

/** Storages of attachments directly below a message. */
function attachmentFolders(file: CompoundFile, folder: string): string[] {
  const folders = new Set<string>();
  for (const path of file.paths) {
    if (!path.startsWith(`${folder}__attach_version1.0_#`)) continue;
    folders.add(path.slice(0, path.indexOf('/', folder.length) + 1));
  }
  return [...folders].sort();
}

function attachmentsOf(file: CompoundFile, folder: string): Attachment[] {
  return attachmentFolders(file, folder).flatMap((attachment, index) => {
    const properties = new MessageProperties(file, attachment);
    const bytes = properties.bytes(property.attachedBytes);
    if (!bytes || properties.isInlinePicture()) return [];
    const { longName, shortName, displayName } = property;
    const names = [longName, shortName, displayName].map(id => properties.text(id)?.trim());
    return [{ name: names.find(Boolean) ?? `attachment-${index + 1}`, bytes }];
  });
}

/** A message within a message is no file but a storage. */
const embeddedFolders = (file: CompoundFile, folder: string): string[] =>
  attachmentFolders(file, folder)
    .map(attachment => `${attachment}__substg1.0_3701000D/`)
    .filter(inner => file.has(`${inner}__properties_version1.0`));

/** Strings and bytes are streams named by id and type; numbers and times stand in one stream together. */
class MessageProperties {
  readonly #file: CompoundFile;
  readonly #folder: string;
  readonly #fixed: ByteReader;
  readonly #headerLength: number;

  constructor(file: CompoundFile, folder: string) {
    this.#file = file;
    this.#folder = folder;
    this.#fixed = new ByteReader(file.read(`${folder}__properties_version1.0`) ?? new Uint8Array());
    this.#headerLength = folder === '' ? headerLength.message : headerLength.embedded;
  }

  bytes(id: string): Uint8Array | undefined {
    return this.#stream(id, '0102');
  }

  text(id: string): string | undefined {
    const wide = this.#stream(id, '001F');
    if (wide) return new TextDecoder('utf-16le').decode(wide);
    const narrow = this.#stream(id, '001E');
    return narrow && new TextDecoder(this.#codePage(property.messageCodePage)).decode(narrow);
  }

  html(): string | undefined {
    const bytes = this.bytes(property.html);
    return bytes ? new TextDecoder(this.#codePage(property.codePage)).decode(bytes) : this.text(property.html);
  }

  sender(): string | undefined {
    const name = this.text(property.senderName);
    const address = this.text(property.senderAddress) ?? this.text(property.senderMail);
    const isMail = address?.includes('@') && address !== name;
    return [name, isMail ? `<${address}>` : undefined].filter(Boolean).join(' ') || undefined;
  }

  /** In ISO 8601. */
  time(id: number): string | undefined {
    const at = this.#find(id, 0x0040);
    if (at === undefined) return undefined;
    const ticks = this.#fixed.u32(at + 12) * 2 ** 32 + this.#fixed.u32(at + 8);
    const date = new Date(ticks / 10_000 - 11_644_473_600_000); // 100 ns since 1601
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  }

  isInlinePicture(): boolean {
    const isReferenced = this.text('3712') !== undefined;
    return isReferenced && /^image\//.test(this.text('370e') ?? '');
  }

  #codePage(id: number): string {
    const at = this.#find(id, 0x0003);
    return codePageOf.ansi(at === undefined ? undefined : this.#fixed.u32(at + 8));
  }

  #find(id: number, type: number): number | undefined {
    for (let at = this.#headerLength; at + 16 <= this.#fixed.length; at += 16) {
      if (this.#fixed.u16(at + 2) === id && this.#fixed.u16(at) === type) return at;
    }
    return undefined;
  }

  #stream(id: string, type: string): Uint8Array | undefined {
    return this.#file.read(`${this.#folder}__substg1.0_${id.toUpperCase()}${type}`);
  }
}
