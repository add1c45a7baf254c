import { SaxesParser } from 'saxes';
import { UnreadableDocument } from '../../errors.ts';
import { limits } from './limits.ts';
import { unreadable } from './unreadable.ts';
import type { ZipArchive } from './zip.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Names come without their prefix (`w:p` is `p`): which prefix a writer chose means nothing. */
export interface XmlHandler {
  open?(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Reads XML in pieces. No entity but XML's own five is known, and nothing outside the text is ever read. */
class XmlScanner {
  readonly #parser = new SaxesParser({ position: false });
  #depth = 0;

  constructor(handler: XmlHandler) {
    this.#parser.on('doctype', doctype => {
      if (/<!ENTITY/i.test(doctype)) throw unreadable('unsafe-content');
    });
    this.#parser.on('opentag', tag => {
      if (++this.#depth > limits.nesting) throw unreadable('too-deep');
      handler.open?.(localName(tag.name), tag.attributes as Attributes); // plain strings, as `xmlns` is off
    });
    this.#parser.on('closetag', tag => {
      this.#depth--;
      handler.close?.(localName(tag.name));
    });
    if (handler.text) {
      const text = (piece: string) => handler.text?.(piece);
      this.#parser.on('text', text);
      this.#parser.on('cdata', text);
    }
    this.#parser.on('error', error => {
      throw error;
    });
  }

  write(piece: string): void {
    this.#parser.write(piece);
  }

  end(): void {
    this.#parser.close();
  }
}

/**
 * Scans a file of an archive.
 * @returns false when there is no such file
 * @throws UnreadableDocument corrupt-file when it is not well-formed, too-deep, unsafe-content, too-large
 */
export function scanPart(archive: ZipArchive, name: string, handler: XmlHandler): boolean {
  return orCorrupt(name, () => {
    const scanner = new XmlScanner(handler);
    let decoder: InstanceType<typeof TextDecoder> | undefined;
    const found = archive.read(name, piece => {
      decoder ??= new TextDecoder(encodingOf(piece));
      scanner.write(decoder.decode(piece, { stream: true }));
    });
    if (!found) return false;
    scanner.write(decoder?.decode() ?? '');
    scanner.end();
    return true;
  });
}

/** Scans XML text. @throws UnreadableDocument corrupt-file, too-deep, unsafe-content */
export function scanText(text: string, handler: XmlHandler): void {
  orCorrupt('its XML', () => {
    const scanner = new XmlScanner(handler);
    scanner.write(text);
    scanner.end();
  });
}

export const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** An attribute by its local name, whatever its prefix. */
export function attributeOf(attributes: Attributes, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name];
  for (const key in attributes) if (localName(key) === name) return attributes[key];
  return undefined;
}

/** XML is UTF-8 unless a mark says UTF-16. */
const encodingOf = (start: Uint8Array) => {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  return start[0] === 0xfe && start[1] === 0xff ? 'utf-16be' : 'utf-8';
};

function orCorrupt<Result>(part: string, scan: () => Result): Result {
  try {
    return scan();
  } catch (error) {
    if (error instanceof UnreadableDocument) throw error;
    // saxes reports faults as plain errors; a fault of our own has a class of its own (TypeError …).
    if (error instanceof Error && error.constructor === Error) {
      throw unreadable('corrupt-file', part === 'its XML' ? part : `its part ${part}`, { cause: error });
    }
    throw error;
  }
}
