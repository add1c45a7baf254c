import { readFile } from 'node:fs/promises';

/**
 * @returns MB that a process and those that it started hold in memory together, as Lambda counts it; undefined when it
 *   is gone or the system (macOS, Windows) has no /proc
 */
export async function residentMemoryMb(pid: number): Promise<number | undefined> {
  const status = await readProc(`/proc/${pid}/status`);
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  if (kilobytes === undefined) return undefined;
  const children = (await readProc(`/proc/${pid}/task/${pid}/children`))?.split(' ').filter(Boolean) ?? [];
  const ofChildren = await Promise.all(children.map(child => residentMemoryMb(Number(child))));
  return ofChildren.reduce<number>((sum, megabytes = 0) => sum + megabytes, Number(kilobytes) / 1024);
}

/** @returns undefined when there is no such file: the process is gone, or the kernel does not tell */
async function readProc(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined;
    throw error;
  }
}
