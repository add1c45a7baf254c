import { ByteReader } from './byte-reader.ts';
import type { CompoundFile } from './compound-file.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';

/** A record of a presentation; a container's data are records again. */
export interface PptRecord {
  readonly type: number;
  readonly instance: number;
  readonly isContainer: boolean;
  readonly data: ByteReader;
}

/** Names of MS-PPT. */
const record = {
  document: 1000,
  slideEntry: 1011,
  outlineReference: 3998,
  textHeader: 3999,
  wideText: 4000,
  narrowText: 4008,
  slideList: 4080,
  userEdit: 4085,
  offsets: 6002,
} as const;

const encryptedToken = 0xf3d1c4df;

export function* pptRecords(data: ByteReader): Generator<PptRecord> {
  for (let at = 0; at + 8 <= data.length; ) {
    const found = recordIn(data, at);
    yield found;
    at += 8 + data.u32(at + 4);
  }
}

function recordIn(data: ByteReader, at: number): PptRecord {
  const version = data.u16(at);
  return {
    type: data.u16(at + 2),
    instance: version >> 4,
    isContainer: (version & 0xf) === 0xf,
    data: new ByteReader(data.slice(at + 8, data.u32(at + 4))),
  };
}

/** @returns undefined when nothing is there */
export const recordAt = (stream: ByteReader, at: number | undefined): PptRecord | undefined =>
  at === undefined || at + 8 > stream.length ? undefined : recordIn(stream, at);

export interface SlideEntry {
  readonly slideId: number;
  /** Where its record stands in the stream; undefined when it is missing. */
  readonly offset: number | undefined;
  /** Its texts in the outline. */
  readonly outline: { role: number; text: string }[];
}

interface PptDocument {
  readonly stream: ByteReader;
  readonly slides: readonly SlideEntry[];
  /** By their id. */
  readonly notes: ReadonlyMap<number, SlideEntry>;
}

/** @throws UnreadableDocument encrypted, corrupt-file */
export function readPptDocument(file: CompoundFile): PptDocument {
  const bytes = file.read('PowerPoint Document');
  const user = file.read('Current User');
  if (!bytes || !user) throw unreadable('corrupt-file', 'the presentation inside it');
  const stream = new ByteReader(bytes);
  const current = new ByteReader(user);
  if (current.u32(12) === encryptedToken) throw unreadable('encrypted');
  const { offsets, documentId } = readOffsets(stream, current.u32(16));
  const document = recordAt(stream, offsets.get(documentId));
  if (document?.type !== record.document) throw unreadable('corrupt-file', 'the presentation inside it');
  const lists = [...pptRecords(document.data)].filter(({ type }) => type === record.slideList);
  const entriesOf = (instance: number) =>
    lists.filter(list => list.instance === instance).flatMap(list => readEntries(list, offsets));
  return { stream, slides: entriesOf(0), notes: new Map(entriesOf(2).map(entry => [entry.slideId, entry])) };
}

/** Each save appends what changed and where it stands: the newest edit comes first and counts. */
function readOffsets(stream: ByteReader, newestEdit: number) {
  const offsets = new Map<number, number>();
  let documentId: number | undefined;
  const seen = new Set<number>();
  for (let at = newestEdit; at !== 0 && !seen.has(at); ) {
    seen.add(at);
    const edit = recordAt(stream, at);
    if (edit?.type !== record.userEdit) break;
    documentId ??= edit.data.u32(16);
    const list = recordAt(stream, edit.data.u32(12));
    if (list?.type === record.offsets) addOffsets(list.data, offsets);
    at = edit.data.u32(8);
  }
  return { offsets, documentId: documentId ?? 0 };
}

function addOffsets(list: ByteReader, offsets: Map<number, number>): void {
  for (let at = 0; at + 4 <= list.length; ) {
    const first = list.u32(at) & 0xfffff;
    const count = list.u32(at) >>> 20;
    for (let index = 0; index < count; index++) {
      if (!offsets.has(first + index)) offsets.set(first + index, list.u32(at + 4 + index * 4));
    }
    at += 4 + count * 4;
  }
}

function readEntries(list: PptRecord, offsets: ReadonlyMap<number, number>): SlideEntry[] {
  const entries: SlideEntry[] = [];
  let role = 4;
  for (const { type, data } of pptRecords(list.data)) {
    if (type === record.slideEntry) {
      entries.push({ slideId: data.u32(12), offset: offsets.get(data.u32(0)), outline: [] });
    } else if (type === record.textHeader) role = data.u32(0);
    else if (type === record.wideText || type === record.narrowText) {
      entries.at(-1)?.outline.push({ role, text: textOf(type, data) });
    }
  }
  return entries;
}

/** Texts of a slide's shapes, in the order of the drawing; of those in the outline, their place in it. */
export function textsIn(container: PptRecord): { role: number; text: string; outlineIndex?: number }[] {
  const texts: { role: number; text: string; outlineIndex?: number }[] = [];
  const walk = (data: ByteReader, depth: number) => {
    if (depth > limits.nesting) throw unreadable('too-deep');
    let role = 4;
    for (const { type, isContainer, data: inner } of pptRecords(data)) {
      if (type === record.textHeader) role = inner.u32(0);
      else if (type === record.outlineReference) texts.push({ role, text: '', outlineIndex: inner.u32(0) });
      else if (type === record.wideText || type === record.narrowText) texts.push({ role, text: textOf(type, inner) });
      else if (isContainer) walk(inner, depth + 1);
    }
  };
  walk(container.data, 0);
  return texts;
}

const textOf = (type: number, data: ByteReader): string =>
  type === record.wideText ? data.utf16(0, data.length) : data.latin1(0, data.length);
