import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './command-error.ts';
import { jsonOf } from './json-of.ts';
import { withLock } from './login/lock.ts';
import { readIfThere } from './read-if-there.ts';

const keyLogin = z.object({ restUrl: z.url(), apiKey: z.string().min(1) });
const personLogin = z.object({
  restUrl: z.url(),
  domain: z.url(),
  clientId: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  expiresAt: z.iso.datetime(),
});
/** Where a Groundwork is, and the key to it. */
export type KeyLogin = z.infer<typeof keyLogin>;
/** Where a Groundwork is, and the tokens of a person who has logged in with the browser. */
export type PersonLogin = z.infer<typeof personLogin>;
export type Login = KeyLogin | PersonLogin;
const loginShape = z.union([personLogin, keyLogin]);

/** In the user's own folder for configuration, as the platform has it. */
function folderOf(env: NodeJS.ProcessEnv): string {
  const base = env.XDG_CONFIG_HOME || (process.platform === 'win32' && env.APPDATA) || join(homedir(), '.config');
  return join(base, 'groundwork');
}
export const loginFileOf = (env: NodeJS.ProcessEnv): string => join(folderOf(env), 'login.json');

/** @returns undefined when nobody has logged in @throws CommandError when the file cannot be understood */
export async function readLogin(env: NodeJS.ProcessEnv): Promise<Login | undefined> {
  const file = loginFileOf(env);
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  const login = jsonOf(loginShape).safeParse(text);
  if (!login.success) throw new CommandError(`${file} is damaged: log in again with groundwork login.`);
  return login.data;
}

/** Readable by its owner only, from the first byte on. */
export async function writeLogin(env: NodeJS.ProcessEnv, login: Login): Promise<string> {
  const file = loginFileOf(env);
  await mkdir(folderOf(env), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(login, undefined, 2)}\n`, { mode: 0o600 });
  await chmod(unfinished, 0o600); // a file left over from before keeps its own mode otherwise
  await rename(unfinished, file);
  return file;
}

export const removeLogin = (env: NodeJS.ProcessEnv): Promise<void> => rm(loginFileOf(env), { force: true });

/** Has one process at a time change the login: a refresh token that is rotated is good for one of them only. */
export async function withLoginLock<Result>(env: NodeJS.ProcessEnv, work: () => Promise<Result>): Promise<Result> {
  await mkdir(folderOf(env), { recursive: true, mode: 0o700 });
  return withLock(join(folderOf(env), 'login.lock'), work);
}
