import { sensibleTitle } from './block.ts';
import { ByteReader } from './byte-reader.ts';
import type { CompoundFile } from './compound-file.ts';
import { codePageOf } from './rtf-text.ts';

const titleId = 2;
const codePageId = 1;
const ansiString = 0x1e;
const wideString = 0x1f;

/** The title among the properties of an old Office file (MS-OLEPS), when it says something. */
export function readSummaryTitle(file: CompoundFile): string | undefined {
  const stream = file.read('\x05SummaryInformation');
  if (!stream) return undefined;
  const reader = new ByteReader(stream);
  const section = reader.u32(44);
  const places = new Map<number, number>();
  const count = Math.min(reader.u32(section + 4), 100);
  for (let index = 0; index < count; index++) {
    places.set(reader.u32(section + 8 + index * 8), section + reader.u32(section + 12 + index * 8));
  }
  const title = places.get(titleId);
  if (title === undefined) return undefined;
  const codePage = reader.u16((places.get(codePageId) ?? -8) + 4);
  return sensibleTitle(stringAt(reader, title, codePageOf.ansi(codePage === 0 ? undefined : codePage)));
}

function stringAt(reader: ByteReader, at: number, codePage: string): string | undefined {
  const type = reader.u16(at);
  const length = Math.min(reader.u32(at + 4), 1_000);
  if (type === wideString) return reader.utf16(at + 8, length * 2).split('\0')[0];
  if (type !== ansiString) return undefined;
  return new TextDecoder(codePage).decode(reader.slice(at + 8, length)).split('\0')[0];
}
