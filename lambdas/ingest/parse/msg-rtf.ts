import { ByteReader } from './byte-reader.ts';

/** What the window holds before the first byte (MS-OXRTFCP 2.1.2.1). */
const initial = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);
const compressed = 0x75465a4c;
const windowLength = 4_096;
const headerLength = 16;
/** A message's text is not longer than this. */
const mostBytes = 32 * 1024 * 1024;

/** Rich text as Outlook stores it: plain, or with references into what came before. */
export function inflateRtf(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  if (reader.u32(8) !== compressed) return reader.slice(headerLength, reader.u32(4));
  const window = new Uint8Array(windowLength);
  window.set(initial);
  let write = initial.length;
  const output: number[] = [];
  const put = (byte: number) => {
    output.push(byte);
    window[write] = byte;
    write = (write + 1) % windowLength;
  };
  for (let at = headerLength; at < bytes.length && output.length < mostBytes; ) {
    const flags = reader.u8(at++);
    for (let bit = 0; bit < 8 && at < bytes.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        put(reader.u8(at++));
        continue;
      }
      const reference = (reader.u8(at) << 8) | reader.u8(at + 1);
      at += 2;
      const from = reference >> 4;
      if (from === write) return Uint8Array.from(output); // a reference to itself ends the text
      for (let index = 0; index < (reference & 0xf) + 2; index++) put(window[(from + index) % windowLength] ?? 0);
    }
  }
  return Uint8Array.from(output);
}
