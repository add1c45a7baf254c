import { readFileSync } from 'node:fs';

/** Ids of the processes that this process's main thread started and that still run. Linux only. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
