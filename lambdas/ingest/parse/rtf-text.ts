/** Windows code pages by number, as encodings of `TextDecoder`. Others are read as Windows-1252. */
const codePages: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  10000: 'macintosh',
  65001: 'utf-8',
};

/** Character sets of fonts, as the Windows API numbers them. */
const charsets: Readonly<Record<number, string>> = {
  0: 'windows-1252',
  77: 'macintosh',
  128: 'shift_jis',
  129: 'euc-kr',
  134: 'gbk',
  136: 'big5',
  161: 'windows-1253',
  162: 'windows-1254',
  163: 'windows-1258',
  177: 'windows-1255',
  178: 'windows-1256',
  186: 'windows-1257',
  204: 'windows-1251',
  222: 'windows-874',
  238: 'windows-1250',
};

export const codePageOf = {
  ansi: (number = 1252): string =>
    codePages[number] ?? (number >= 1250 && number <= 1258 ? `windows-${number}` : 'windows-1252'),
  /** @returns undefined for the default one of the file */
  charset: (number = 0): string | undefined => charsets[number],
};

/** Gathers bytes of one encoding and code units, and decodes them together: a character may take two `\'hh`. */
export class RtfText {
  #text = '';
  #bytes: Uint8Array[] = [];
  #codePage = 'windows-1252';
  /** Characters that stand in for a `\u` in programs that do not know it. */
  #toSkip = 0;

  addBytes(bytes: Uint8Array, codePage: string): void {
    const skipped = Math.min(this.#toSkip, bytes.length);
    this.#toSkip -= skipped;
    if (skipped === bytes.length) return;
    if (codePage !== this.#codePage) this.#decode();
    this.#codePage = codePage;
    this.#bytes.push(bytes.subarray(skipped));
  }

  /** @param code a UTF-16 code unit, negative from 0x8000 on */
  addCodeUnit(code: number, fallbackLength: number): void {
    this.#decode();
    this.#text += String.fromCharCode(code & 0xffff);
    this.#toSkip = fallbackLength;
  }

  /** What came since the last call. A group or a control word ends the skipping too. */
  take(): string {
    this.#decode();
    const text = this.#text;
    this.#text = '';
    this.#toSkip = 0;
    return text;
  }

  #decode(): void {
    if (this.#bytes.length === 0) return;
    this.#text += decoderOf(this.#codePage).decode(Buffer.concat(this.#bytes));
    this.#bytes = [];
  }
}

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

/** Making one takes longer than decoding a word. */
function decoderOf(codePage: string): InstanceType<typeof TextDecoder> {
  const decoder = decoders.get(codePage) ?? new TextDecoder(codePage);
  decoders.set(codePage, decoder);
  return decoder;
}
