/** The folder in which a local cloud keeps what survives a restart. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Raised when a folder of an earlier version cannot be read any more. */
const VERSION = 1;
const FORMAT = 'local-cloud-state';

/** All that a state folder holds of ours; a reset removes these and nothing else. */
const STAMP = 'state.json';
const DATABASE = 'state.db';
const LOCK = 'state.lock';
const OWNER = 'state.pid';
const FOLDERS = 'data';
const DATABASE_FILES = [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`];
const OURS = [...DATABASE_FILES, FOLDERS, OWNER, LOCK, `${LOCK}-journal`, `${STAMP}.new`, STAMP];

const SQLITE_HEADER = 'SQLite format 3\0';

export type StateFault = 'locked' | 'corrupt' | 'version' | 'not-a-directory' | 'not-writable' | 'not-state';

/** A state folder that cannot be used; the message is one line that names the folder and what to do. */
export class StateError extends Error {
  override readonly name = 'StateError';
  readonly fault: StateFault;
  readonly directory: string;
  constructor(fault: StateFault, directory: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.fault = fault;
    this.directory = directory;
  }
}

export interface State {
  readonly database: DatabaseSync;
  /** An own folder for `name` (lower-case letters, digits, `-`), made when absent. */
  directory(name: string): string;
  close(): void;
}

/**
 * Opens the folder for this process alone, creating it when absent.
 * @throws StateError
 */
export function openState(path: string): State {
  const directory = resolve(path);
  makeDirectory(directory);
  const unlock = lock(directory);
  try {
    if (readStamp(directory) === undefined) claim(directory);
    const database = openDatabase(directory);
    return {
      database,
      directory: name => makeSubdirectory(directory, name),
      close() {
        database.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Empties a state folder. Only what this module made is removed, and only from a folder that bears its stamp.
 * @param others further names in the folder that go with it
 * @throws StateError for a folder in use, or one that is no state folder
 */
export function resetState(path: string, others: readonly string[] = []): void {
  const directory = resolve(path);
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory()) throw notADirectory(directory);
  if (!existsSync(join(directory, STAMP))) {
    refuseForeignEntries(directory);
    return;
  }
  const unlock = lock(directory);
  try {
    readStamp(directory, { anyVersion: true });
    // The stamp goes last, so that a reset that was cut short can be run again.
    for (const name of [...others, ...OURS.filter(name => name !== LOCK)])
      rmSync(join(directory, name), { recursive: true, force: true });
  } finally {
    unlock();
  }
  rmSync(join(directory, LOCK), { force: true });
  if (readdirSync(directory).length === 0) rmdirSync(directory);
}

function makeDirectory(directory: string): void {
  if (existsSync(directory) && !statSync(directory).isDirectory()) throw notADirectory(directory);
  writing(directory, () => mkdirSync(directory, { recursive: true, mode: 0o700 }));
}

function makeSubdirectory(directory: string, name: string): string {
  if (!/^[a-z0-9-]+$/.test(name)) throw new RangeError(`${name} cannot name a folder of the state.`);
  const path = join(directory, FOLDERS, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/**
 * The lock is one that the operating system ends with the process, held through SQLite: nothing stale can remain.
 * The file beside it only tells others whom they wait for.
 */
function lock(directory: string): () => void {
  // Before anything is written: a folder that is somebody else's stays as it is.
  if (!existsSync(join(directory, STAMP))) refuseForeignEntries(directory);
  const holder = writing(directory, () => new DatabaseSync(join(directory, LOCK)));
  try {
    holder.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    holder.close();
    if (sqliteCode(error) === SQLITE_BUSY) throw locked(directory, error);
    throw unusable(directory, error);
  }
  writing(directory, () => writeFileSync(join(directory, OWNER), String(process.pid)));
  return () => {
    rmSync(join(directory, OWNER), { force: true });
    holder.close();
  };
}

function locked(directory: string, cause: unknown): StateError {
  const file = join(directory, OWNER);
  const owner = existsSync(file) ? `process ${readFileSync(file, 'utf8')}` : 'another process';
  const message = `The state folder ${directory} is in use by ${owner}: stop that one, or choose another folder with --state.`;
  return new StateError('locked', directory, message, cause);
}

/** Without our stamp, entries of our names are somebody else's. */
function refuseForeignEntries(directory: string): void {
  const ours = new Set(OURS.filter(name => !name.startsWith(LOCK) && name !== OWNER));
  const entry = readdirSync(directory).find(name => ours.has(name));
  if (entry === undefined) return;
  const message = `${directory} is not a state folder, but has a ${entry}: choose another folder with --state.`;
  throw new StateError('not-state', directory, message);
}

/** @returns the stamp's version, or undefined for a folder without a stamp */
function readStamp(directory: string, { anyVersion = false } = {}): number | undefined {
  const file = join(directory, STAMP);
  if (!existsSync(file)) return undefined;
  const version = stampVersion(readFileSync(file, 'utf8'));
  if (version === undefined) {
    const message = `${directory} has a ${STAMP} that is not a local cloud's: choose another folder with --state.`;
    throw new StateError('not-state', directory, message);
  }
  if (version === VERSION || anyVersion) return version;
  const message = `The state folder ${directory} was written by another version (format ${version}, not ${VERSION}): ${FIX}`;
  throw new StateError('version', directory, message);
}

function stampVersion(text: string): number | undefined {
  let stamp: unknown;
  try {
    stamp = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof stamp !== 'object' || stamp === null) return undefined;
  const { format, version } = stamp as { format?: unknown; version?: unknown };
  return format === FORMAT && typeof version === 'number' ? version : undefined;
}

function claim(directory: string): void {
  const file = join(directory, STAMP);
  writing(directory, () => {
    // Written beside and renamed: after a crash the stamp is whole or absent.
    writeFileSync(`${file}.new`, `${JSON.stringify({ format: FORMAT, version: VERSION })}\n`);
    renameSync(`${file}.new`, file);
  });
}

function openDatabase(directory: string): DatabaseSync {
  const file = join(directory, DATABASE);
  if (!hasSqliteHeader(file)) throw corrupt(directory, `${DATABASE} is no SQLite database`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    const [finding] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
    if (finding !== 'ok') throw corrupt(directory, String(finding));
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof StateError ? error : unusable(directory, error);
  }
}

/** True as well for a database that is absent or still empty. */
function hasSqliteHeader(file: string): boolean {
  if (!existsSync(file)) return true;
  const header = Buffer.alloc(SQLITE_HEADER.length);
  const descriptor = openSync(file, 'r');
  try {
    const length = readSync(descriptor, header, 0, header.length, 0);
    return length === 0 || header.toString('latin1') === SQLITE_HEADER;
  } finally {
    closeSync(descriptor);
  }
}

const FIX = 'start clean with --reset, or choose another folder with --state.';
const [SQLITE_BUSY, SQLITE_READONLY, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB] = [5, 8, 11, 14, 26];

/** The primary result code of an error of node:sqlite. @see "Result and Error Codes", sqlite.org */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Names what SQLite or the file system says; any other error is passed on as it is. */
function unusable(directory: string, error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) return corrupt(directory, messageOf(error), error);
  if (code === SQLITE_READONLY || code === SQLITE_CANTOPEN) return notWritable(directory, error);
  const systemCode = error instanceof Error && 'code' in error ? error.code : undefined;
  const isDenied = systemCode === 'EACCES' || systemCode === 'EPERM' || systemCode === 'EROFS';
  return isDenied || systemCode === 'ENOENT' ? notWritable(directory, error) : error;
}

function writing<T>(directory: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') throw notADirectory(directory, error);
    throw unusable(directory, error);
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

function corrupt(directory: string, finding: string, cause?: unknown): StateError {
  const message = `The state folder ${directory} is damaged (${oneLine(finding)}): ${FIX}`;
  return new StateError('corrupt', directory, message, cause);
}
function notWritable(directory: string, cause: unknown): StateError {
  const message = `The state folder ${directory} cannot be written (${oneLine(messageOf(cause))}): choose another folder with --state.`;
  return new StateError('not-writable', directory, message, cause);
}
function notADirectory(directory: string, cause?: unknown): StateError {
  const message = `${directory} is not a folder: choose another one with --state.`;
  return new StateError('not-a-directory', directory, message, cause);
}
