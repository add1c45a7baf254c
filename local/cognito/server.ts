import type { DatabaseSync } from 'node:sqlite';
import type { Handler, Iam } from '../contracts.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { createAdministration } from './api.ts';
import { type Directory, openDirectory } from './directory.ts';
import type { MadeUpUser } from './model.ts';
import { Pools } from './pools.ts';

export interface CognitoOptions {
  readonly iam: Pick<Iam, 'authorize'>;
  /** Keeps users and groups. */
  readonly database: DatabaseSync;
  readonly region: string;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

export interface Cognito {
  /** The JSON API, for calls that are signed for `cognito-idp`. */
  readonly handler: Handler;
  readonly pools: Pools;
  readonly directory: Directory;
  readonly accounts: Accounts;
  /** Has these users in every pool that there is. */
  putMadeUpUsers(users: readonly MadeUpUser[]): Promise<void>;
}

/** Amazon Cognito user pools. */
export function createCognito({ iam, database, region, now = Date.now }: CognitoOptions): Cognito {
  const directory = openDirectory(database, now);
  const pools = new Pools(directory, region);
  const accounts = createAccounts(pools, directory);
  return {
    handler: createAdministration({ iam, pools, directory, accounts, signOut: () => undefined }),
    pools,
    directory,
    accounts,
    async putMadeUpUsers(users) {
      for (const pool of pools.all()) for (const user of users) await accounts.putMadeUp(pool, user);
    },
  };
}
