import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from '../command-error.ts';

const POLL_MS = 50;
const PATIENCE_MS = 60_000;
const SQLITE_BUSY = 5;

/**
 * Does `work` while no other process does its own under the same file. The operating system ends the lock with the
 * process, held through SQLite: nothing stale can remain.
 * @throws CommandError when the other one does not end
 */
export async function withLock<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  const holder = new DatabaseSync(file);
  try {
    const deadline = Date.now() + PATIENCE_MS;
    while (!acquire(holder)) {
      if (Date.now() > deadline) throw new CommandError(`${file} is held by another process: end that one.`);
      await delay(POLL_MS);
    }
    return await work();
  } finally {
    holder.close();
  }
}

function acquire(holder: DatabaseSync): boolean {
  try {
    holder.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY) return false;
    throw error;
  }
}
