import { readFile } from 'node:fs/promises';

const bytesPerMegabyte = 1_048_576;
const pageBytes = 4_096;

/** Memory of the processes that this one has started, and they again. */
export interface PeakMemory {
  /** Of the largest process, at any time. */
  largestMegabytes: number;
  /** Of all of them together, at any time. */
  allMegabytes: number;
}

/** Looks every 100 ms until `stop`. Reads /proc, so Linux only. */
export function watchChildren(): { readonly peak: PeakMemory; stop(): void } {
  const peak: PeakMemory = { largestMegabytes: 0, allMegabytes: 0 };
  const look = async () => {
    const sizes = (await Promise.all((await descendants(process.pid)).map(residentBytes))).map(
      bytes => bytes / bytesPerMegabyte,
    );
    peak.largestMegabytes = Math.max(peak.largestMegabytes, ...sizes);
    peak.allMegabytes = Math.max(
      peak.allMegabytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
  };
  const timer = setInterval(() => void look(), 100);
  return { peak, stop: () => clearInterval(timer) };
}

async function descendants(pid: number): Promise<number[]> {
  const children = await unlessGone(readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  const pids = (children ?? '').split(' ').filter(Boolean).map(Number);
  return [...pids, ...(await Promise.all(pids.map(descendants))).flat()];
}

async function residentBytes(pid: number): Promise<number> {
  const statm = await unlessGone(readFile(`/proc/${pid}/statm`, 'utf8'));
  return Number(statm?.split(' ')[1] ?? 0) * pageBytes;
}

/** A process may end while it is looked at. */
async function unlessGone(reading: Promise<string>): Promise<string | undefined> {
  try {
    return await reading;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
