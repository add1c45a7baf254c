import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Whether there is any sign of AWS credentials: to look for them where there are none takes seconds. */
export function mayHaveCredentials(env: NodeJS.ProcessEnv): boolean {
  const names = [
    'AWS_ACCESS_KEY_ID',
    'AWS_PROFILE',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  ];
  if (names.some(name => env[name])) return true;
  const files = [env.AWS_CONFIG_FILE, env.AWS_SHARED_CREDENTIALS_FILE, join(homedir(), '.aws', 'config')];
  return [...files, join(homedir(), '.aws', 'credentials')].some(file => file && existsSync(file));
}
