import { z } from 'zod';
import { reasonOf } from '../client.ts';
import { CommandError, EXIT } from '../command-error.ts';
import { UsageError } from '../parse-arguments.ts';
import type { LoginServer } from './oauth.ts';

const configShape = z.object({ restUrl: z.url(), authUrl: z.url(), cliClientId: z.string() });

/** What a web page tells of the Groundwork behind it. */
export interface PageConfig {
  /** Ends with a slash. */
  readonly restUrl: string;
  readonly loginServer: LoginServer;
}

/** @param address of the web page, as people have it in their browser @throws CommandError when it is none of Groundwork's */
export async function readPage(address: string, signal: AbortSignal): Promise<PageConfig> {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) throw new UsageError(`"${address}" is no address.`);
  const url = new URL('config.json', address); // whatever view is open: views stand behind #
  try {
    const response = await fetch(url, { signal });
    const { restUrl, authUrl, cliClientId } = configShape.parse(await response.json());
    return {
      restUrl: restUrl.replace(/\/?$/, '/'),
      loginServer: { domain: authUrl.replace(/\/+$/, ''), clientId: cliClientId },
    };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof TypeError ? `: ${reasonOf(error)}` : '';
    throw new CommandError(`At ${address} is no page of Groundwork${why}.`, EXIT.notFound);
  }
}
