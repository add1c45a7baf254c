import { unreadable } from './unreadable.ts';

/** Special sector numbers begin here: end of chain, free, of the table itself. */
const firstSpecial = 0xfffffffa;
const none = 0xffffffff;

interface Entry {
  readonly name: string;
  /** 1 storage, 2 stream, 5 root. */
  readonly type: number;
  readonly left: number;
  readonly right: number;
  readonly child: number;
  readonly start: number;
  readonly size: number;
}

/**
 * The container of old Office files and Outlook messages (MS-CFB): streams in storages, as files in folders. Every chain
 * is bounded by the sectors that there are, so that a damaged one ends.
 */
export class CompoundFile {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #sectorSize: number;
  readonly #sectors: Uint32Array;
  readonly #smallSectors: Uint32Array;
  readonly #smallStream: Uint8Array;
  readonly #smallSize: number;
  readonly #streams = new Map<string, Entry>();

  /** @throws UnreadableDocument corrupt-file */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sectorShift = this.#short(30);
    if (bytes.length < 512 || (sectorShift !== 9 && sectorShift !== 12)) throw damaged();
    this.#sectorSize = 1 << sectorShift;
    this.#smallSize = this.#long(56);
    this.#sectors = this.#readTable();
    const entries = this.#readDirectory();
    const [root] = entries;
    if (!root) throw damaged();
    this.#smallStream = this.#chain(root.start, root.size);
    this.#smallSectors = asTable(this.#chain(this.#long(60), Number.POSITIVE_INFINITY));
    for (const [path, entry] of pathsOf(entries)) this.#streams.set(path, entry);
  }

  /** Paths of all streams, storages before a slash. */
  get paths(): readonly string[] {
    return [...this.#streams.keys()];
  }

  has(path: string): boolean {
    return this.#streams.has(path);
  }

  /** @returns undefined when there is no such stream; a damaged one is as long as its chain goes */
  read(path: string): Uint8Array | undefined {
    const entry = this.#streams.get(path);
    if (!entry) return undefined;
    return entry.size < this.#smallSize ? this.#smallChain(entry) : this.#chain(entry.start, entry.size);
  }

  /** Which sector follows each. The table's own sectors are listed in the header, then in a chain of sectors. */
  #readTable(): Uint32Array {
    const most = Math.ceil(this.#bytes.length / this.#sectorSize);
    const perSector = this.#sectorSize / 4;
    const sectors: number[] = [];
    for (let index = 0; index < 109; index++) sectors.push(this.#long(76 + index * 4));
    let next = this.#long(68);
    for (let count = 0; next < firstSpecial && count < most; count++) {
      const list = asTable(this.#sector(next));
      if (list.length < perSector) break;
      sectors.push(...list.subarray(0, perSector - 1));
      next = list[perSector - 1] ?? none;
    }
    const used = sectors.filter(sector => sector < most).slice(0, most);
    return asTable(Buffer.concat(used.map(sector => this.#sector(sector))));
  }

  #readDirectory(): Entry[] {
    const directory = this.#chain(this.#long(48), Number.POSITIVE_INFINITY);
    const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
    const entries: Entry[] = [];
    for (let at = 0; at + 128 <= directory.length; at += 128) {
      const nameLength = Math.min(view.getUint16(at + 64, true), 64);
      entries.push({
        name: new TextDecoder('utf-16le').decode(directory.subarray(at, at + Math.max(nameLength - 2, 0))),
        type: view.getUint8(at + 66),
        left: view.getUint32(at + 68, true),
        right: view.getUint32(at + 72, true),
        child: view.getUint32(at + 76, true),
        start: view.getUint32(at + 116, true),
        size: view.getUint32(at + 120, true),
      });
    }
    return entries;
  }

  #chain(start: number, size: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let sector = start; sector < this.#sectors.length && length < size; sector = this.#sectors[sector] ?? none) {
      if (pieces.length > this.#sectors.length) throw damaged();
      const piece = this.#sector(sector);
      pieces.push(piece);
      length += this.#sectorSize;
      if (piece.length === 0) break;
    }
    return Buffer.concat(pieces).subarray(0, Math.min(size, length));
  }

  #smallChain({ start, size }: Entry): Uint8Array {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let sector = start; sector < this.#smallSectors.length && length < size; ) {
      if (pieces.length > this.#smallSectors.length) throw damaged();
      pieces.push(this.#smallStream.subarray(sector * 64, sector * 64 + 64));
      length += 64;
      sector = this.#smallSectors[sector] ?? none;
    }
    return Buffer.concat(pieces).subarray(0, size);
  }

  /** The last one of a file may be cut short. */
  #sector(sector: number): Uint8Array {
    const from = (sector + 1) * this.#sectorSize;
    return this.#bytes.subarray(from, from + this.#sectorSize);
  }

  #short(at: number): number {
    return at + 2 <= this.#view.byteLength ? this.#view.getUint16(at, true) : 0;
  }

  #long(at: number): number {
    return at + 4 <= this.#view.byteLength ? this.#view.getUint32(at, true) : none;
  }
}

const damaged = () => unreadable('corrupt-file', 'the container of its parts');

function asTable(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, index) => view.getUint32(index * 4, true));
}

/** Streams by path. Entries of a storage form a binary tree; none is visited twice, whatever the pointers say. */
function* pathsOf(entries: readonly Entry[]): Generator<[string, Entry]> {
  const seen = new Set<number>([0]);
  const waiting: { index: number; folder: string }[] = [{ index: entries[0]?.child ?? none, folder: '' }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { index, folder } = next;
    const entry = entries[index];
    if (!entry || seen.has(index)) continue;
    seen.add(index);
    const path = folder + entry.name;
    if (entry.type === 2) yield [path, entry];
    if (entry.type === 1) waiting.push({ index: entry.child, folder: `${path}/` });
    waiting.push({ index: entry.left, folder }, { index: entry.right, folder });
  }
}
