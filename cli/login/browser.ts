import { spawn } from 'node:child_process';

/** Shows an address in the person's browser. @returns false when there is none to show it in */
export async function openBrowser(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const command = commandFor(process.platform, env);
  if (!command) return false;
  const [program, ...args] = command;
  const child = spawn(program, [...args, address], { stdio: 'ignore', detached: true });
  const isStarted = await new Promise<boolean>(resolve => {
    child.once('error', () => resolve(false)); // a desktop without such a program
    child.once('spawn', () => resolve(true));
  });
  child.unref();
  return isStarted;
}

/** @returns undefined where there is no display, as over SSH */
function commandFor(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): [string, ...string[]] | undefined {
  if (platform === 'darwin') return env.SSH_CONNECTION ? undefined : ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined;
}
