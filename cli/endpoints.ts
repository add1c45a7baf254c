import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the running stack is found; programs read it from `endpoints.json` in the state folder. */
export interface Endpoints {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly apiKey: string;
  readonly s3Endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Where people sign in; no slash at its end. */
  readonly userPoolDomain: string;
  /** The app client of the command line. */
  readonly cliClientId: string;
  /** The web page. */
  readonly webUrl?: string | undefined;
}

const fileOf = (state: string) => join(state, 'endpoints.json');

/** Written when everything is ready; readable by its owner only, since it holds the key. */
export const publishEndpoints = (state: string, endpoints: Endpoints): Promise<void> =>
  writeFile(fileOf(state), `${JSON.stringify(endpoints, undefined, 2)}\n`, { mode: 0o600 });

export const withdrawEndpoints = (state: string): Promise<void> => rm(fileOf(state), { force: true });
