import { isAscii } from 'node:buffer';
import { decodeText } from './decode-text.ts';

/** Bytes that decide the encoding, at least, unless the file has fewer. */
const sampleBytes = 4_096;

/**
 * Decodes text of unknown encoding as it arrives, with `\n` for every line break. The first bytes that are not ASCII
 * decide the encoding, as `decodeText` would by themselves.
 */
export async function* decodePieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const lineBreaks = new LineBreaks();
  for await (const text of decodedPieces(pieces)) yield lineBreaks.unify(text);
  yield lineBreaks.end();
}

async function* decodedPieces(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let sample: Uint8Array = new Uint8Array();
  for await (const piece of pieces) {
    if (decoder) {
      yield decoder.decode(piece, { stream: true });
      continue;
    }
    sample = sample.length === 0 ? piece : Buffer.concat([sample, piece]);
    if (sample.length < sampleBytes) continue;
    const text = asciiOf(sample);
    if (text === undefined) decoder = decoderFor(sample);
    yield text ?? decoder?.decode(sample, { stream: true }) ?? '';
    sample = new Uint8Array();
  }
  yield decoder ? decoder.decode() : decoderFor(sample).decode(sample);
}

/** ASCII is the same in almost every encoding; with NULs in it, it may be UTF-16. */
const asciiOf = (bytes: Uint8Array): string | undefined =>
  isAscii(bytes) && !bytes.includes(0) ? Buffer.from(bytes).toString('latin1') : undefined;

/** Looks at whole lines only, and at an even number of bytes: a cut character would mislead. */
function decoderFor(sample: Uint8Array) {
  const lines = sample.subarray(0, (sample.lastIndexOf(0x0a) + 1) & ~1);
  const { encoding } = decodeText(lines.length > 0 ? lines : sample);
  return new TextDecoder(encoding);
}

class LineBreaks {
  /** The last piece ended in a carriage return, which may be half of a line break. */
  #pending = false;

  unify(text: string): string {
    const whole = this.#pending ? `\r${text}` : text;
    this.#pending = whole.endsWith('\r');
    return (this.#pending ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n');
  }

  end(): string {
    return this.#pending ? '\n' : '';
  }
}
