import { ByteReader } from './byte-reader.ts';

/** The data of a record, with where the records that continue it begin. */
export class RecordReader extends ByteReader {
  /** Offsets in `bytes`. */
  readonly seams: readonly number[];

  constructor(bytes: Uint8Array, seams: readonly number[] = []) {
    super(bytes);
    this.seams = seams;
  }
}

export interface BiffRecord {
  readonly type: number;
  readonly data: RecordReader;
}

const continuation = 0x3c;

/** Records from an offset on, each joined with those that continue it. */
export function* biffRecords(stream: Uint8Array, offset = 0): Generator<BiffRecord> {
  const reader = new ByteReader(stream);
  for (let at = offset; at + 4 <= stream.length; ) {
    const type = reader.u16(at);
    const pieces = [reader.slice(at + 4, reader.u16(at + 2))];
    at += 4 + reader.u16(at + 2);
    while (at + 4 <= stream.length && reader.u16(at) === continuation) {
      pieces.push(reader.slice(at + 4, reader.u16(at + 2)));
      at += 4 + reader.u16(at + 2);
    }
    yield { type, data: joined(pieces) };
  }
}

function joined(pieces: readonly Uint8Array[]): RecordReader {
  const [first = new Uint8Array()] = pieces;
  if (pieces.length === 1) return new RecordReader(first);
  const seams: number[] = [];
  let length = 0;
  for (const piece of pieces) {
    if (length > 0) seams.push(length);
    length += piece.length;
  }
  return new RecordReader(Buffer.concat(pieces), seams);
}

/** An integer or the upper half of a double, and perhaps a hundredth of it. */
export function packedNumber(packed: number): number {
  const double = new DataView(new ArrayBuffer(8));
  double.setUint32(4, packed & 0xfffffffc, true);
  const value = (packed & 2) !== 0 ? packed >> 2 : double.getFloat64(0, true);
  return (packed & 1) !== 0 ? value / 100 : value;
}

const errors: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
};

export const errorText = (code: number): string => errors[code] ?? '#ERROR!';
