import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What other tools cut files into when they upload in parts: 5 MiB (SDKs), 8 MiB (the AWS CLI), 16 MiB. */
const PART_SIZES = [8, 16, 5].map(mebibytes => mebibytes * 1024 * 1024);

/** MD5 of a file, hex: what S3 gives as ETag when the file came in one piece. */
export async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

/**
 * Whether the object with this ETag holds the file. An ETag of parts (`…-3`) is the MD5 of the parts' MD5s; how large they
 * were it does not say, so the usual sizes are tried, and another one looks like another file.
 * @param md5 of the file, hex
 */
export async function isSameFile(path: string, size: number, md5: string, eTag: string): Promise<boolean> {
  const [, count] = /^[0-9a-f]{32}-(\d+)$/.exec(eTag) ?? [];
  if (count === undefined) return md5 === eTag;
  for (const partSize of PART_SIZES.filter(bytes => Math.ceil(size / bytes) === Number(count))) {
    if ((await eTagInParts(path, partSize)) === eTag) return true;
  }
  return false;
}

async function eTagInParts(path: string, partSize: number): Promise<string> {
  const parts: Buffer[] = [];
  let hash = createHash('md5');
  let left = partSize;
  for await (const piece of createReadStream(path)) {
    for (let rest = piece as Buffer; rest.length > 0; ) {
      const taken = rest.subarray(0, left);
      hash.update(taken);
      rest = rest.subarray(taken.length);
      left -= taken.length;
      if (left > 0) continue;
      parts.push(hash.digest());
      hash = createHash('md5');
      left = partSize;
    }
  }
  if (left < partSize) parts.push(hash.digest());
  return `${createHash('md5').update(Buffer.concat(parts)).digest('hex')}-${parts.length}`;
}
