import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file that reaches this makes way for a new one; the one before is kept beside it. */
const MAX_FILE_BYTES = 1024 * 1024;

export interface LogFiles {
  /** Appends a line to `<name>.log`. */
  write(name: string, line: string): void;
  close(): void;
}

/**
 * A log file for each function, `<name>.log`, and the lines before it in `<name>.log.1`: together at most twice
 * `maxFileBytes` and a line. Written at once, so that nothing is missing after a crash.
 */
export function openLogFiles(directory: string, maxFileBytes = MAX_FILE_BYTES): LogFiles {
  const files = new Map<string, { descriptor: number; bytes: number }>();

  const open = (name: string) => {
    const descriptor = openSync(join(directory, `${name}.log`), 'a', 0o600);
    const file = { descriptor, bytes: fstatSync(descriptor).size };
    files.set(name, file);
    return file;
  };
  const turnOver = (name: string, descriptor: number) => {
    closeSync(descriptor);
    renameSync(join(directory, `${name}.log`), join(directory, `${name}.log.1`));
    return open(name);
  };

  return {
    write(name, line) {
      let file = files.get(name) ?? open(name);
      if (file.bytes >= maxFileBytes) file = turnOver(name, file.descriptor);
      file.bytes += writeSync(file.descriptor, `${line}\n`);
    },
    close() {
      for (const { descriptor } of files.values()) closeSync(descriptor);
      files.clear();
    },
  };
}
