const tables = new Map<string, Map<string, readonly number[]>>();

/** Encodes text as old programs do, by turning `TextDecoder` round. @throws Error for a character that is not in it */
export function encodeText(text: string, encoding: string): Uint8Array {
  const bytes = Array.from(text).flatMap(character => {
    const known = bytesOf(character, encoding);
    if (!known) throw new Error(`${encoding} has no ${character}`);
    return known;
  });
  return Uint8Array.from(bytes);
}

export const canEncode = (character: string, encoding: string): boolean => bytesOf(character, encoding) !== undefined;

function bytesOf(character: string, encoding: string): readonly number[] | undefined {
  const code = character.charCodeAt(0);
  if (code < 0x80) return [code];
  const table = tables.get(encoding) ?? tableOf(encoding);
  tables.set(encoding, table);
  return table.get(character);
}

/** One and two bytes; longer sequences are not needed here. */
function tableOf(encoding: string): Map<string, readonly number[]> {
  const decoder = new TextDecoder(encoding, { fatal: false });
  const table = new Map<string, readonly number[]>();
  const add = (bytes: readonly number[]) => {
    const text = decoder.decode(Uint8Array.from(bytes));
    if ([...text].length === 1 && text !== '\ufffd' && !table.has(text)) table.set(text, bytes);
  };
  for (let lead = 0x80; lead <= 0xff; lead++) add([lead]);
  for (let lead = 0x81; lead <= 0xfe; lead++) for (let trail = 0x40; trail <= 0xfe; trail++) add([lead, trail]);
  return table;
}
