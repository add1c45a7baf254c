/** Builds the container of old Office files (MS-CFB), for the tests of what reads it. */

const sectorSize = 512;
const none = 0xffffffff;
const endOfChain = 0xfffffffe;
const tableSector = 0xfffffffd;

interface Node {
  readonly name: string;
  readonly bytes?: Uint8Array;
  readonly children: Node[];
}

/** @param streams by path, storages before a slash */
export function compoundOf(streams: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const nodes = listNodes(streams);
  const contents = nodes.map(node => node.bytes ?? new Uint8Array());
  const directorySectors = sectorsOf(nodes.length * 128);
  const used = directorySectors + contents.reduce((sum, bytes) => sum + sectorsOf(bytes.length), 0);
  const tableSectors = Math.ceil((used + 1) / (sectorSize / 4 - 1)) + 1;
  const file = Buffer.alloc((1 + tableSectors + used) * sectorSize);
  const table = new Uint32Array((tableSectors * sectorSize) / 4).fill(none);
  table.fill(tableSector, 0, tableSectors);

  let next = tableSectors;
  const place = (bytes: Uint8Array): number => {
    const count = sectorsOf(bytes.length);
    if (count === 0) return endOfChain;
    const first = next;
    file.set(bytes, (first + 1) * sectorSize);
    for (let index = 0; index < count; index++) table[next] = index === count - 1 ? endOfChain : ++next;
    next++;
    return first;
  };
  const starts = contents.map(place);
  const directory = place(directoryOf(nodes, starts));

  file.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
  file.writeUInt16LE(9, 30);
  file.writeUInt16LE(6, 32);
  file.writeUInt32LE(tableSectors, 44);
  file.writeUInt32LE(directory, 48);
  file.writeUInt32LE(0, 56); // no stream is small
  for (const at of [60, 68]) file.writeUInt32LE(endOfChain, at);
  for (let index = 0; index < 109; index++) file.writeUInt32LE(index < tableSectors ? index : none, 76 + index * 4);
  table.forEach((entry, index) => {
    file.writeUInt32LE(entry, sectorSize + index * 4);
  });
  return file;
}

const sectorsOf = (length: number) => Math.ceil(length / sectorSize);

function listNodes(streams: Readonly<Record<string, Uint8Array>>): Node[] {
  const root: Node = { name: 'Root Entry', children: [] };
  const nodes = [root];
  for (const [path, bytes] of Object.entries(streams)) {
    let parent = root;
    const names = path.split('/');
    names.forEach((name, index) => {
      let node = parent.children.find(child => child.name === name);
      if (!node) {
        node = index === names.length - 1 ? { name, bytes, children: [] } : { name, children: [] };
        parent.children.push(node);
        nodes.push(node);
      }
      parent = node;
    });
  }
  return nodes;
}

/** Siblings form a list: a tree of right branches only. */
function directoryOf(nodes: readonly Node[], starts: readonly number[]): Uint8Array {
  const directory = Buffer.alloc(sectorsOf(nodes.length * 128) * sectorSize);
  const right = new Map<Node, Node | undefined>();
  for (const { children } of nodes) {
    for (const [index, child] of children.entries()) right.set(child, children[index + 1]);
  }
  const indexOf = (node: Node | undefined) => (node ? nodes.indexOf(node) : none);
  nodes.forEach((node, index) => {
    const at = index * 128;
    directory.write(node.name, at, 'utf16le');
    directory.writeUInt16LE((node.name.length + 1) * 2, at + 64);
    directory.writeUInt8(index === 0 ? 5 : node.bytes ? 2 : 1, at + 66);
    directory.writeUInt32LE(none, at + 68);
    directory.writeUInt32LE(indexOf(right.get(node)), at + 72);
    directory.writeUInt32LE(indexOf(node.children[0]), at + 76);
    directory.writeUInt32LE(starts[index] ?? endOfChain, at + 116);
    directory.writeUInt32LE(node.bytes?.length ?? 0, at + 120);
  });
  return directory;
}

export const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

export function shorts(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    buffer.writeUInt16LE(value, index * 2);
  });
  return buffer;
}

export function longs(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    buffer.writeUInt32LE(value >>> 0, index * 4);
  });
  return buffer;
}
