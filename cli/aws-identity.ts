import { type AwsCredentials, encodeQuery, signHeaders } from '../lambdas/adapters/aws/signature.ts';
import type { Identity } from './identity.ts';

export interface AwsCaller {
  readonly region: string;
  credentials(): Promise<AwsCredentials>;
}

/**
 * Who calls with AWS credentials, by the routes of the API that are there for them, below `/iam/`.
 * @param restUrl ends with a slash
 */
export function awsIdentity(restUrl: string, { region, credentials }: AwsCaller): Identity {
  const root = new URL(restUrl).pathname;
  return {
    description: 'AWS credentials',
    async sign({ method, url, headers, body }) {
      const path = `${root}iam/${url.pathname.slice(root.length)}`;
      const query = Object.fromEntries(url.searchParams);
      const { host, ...signed } = signHeaders(
        { method, path, query, headers: { ...headers, host: url.host }, body: body ?? '' },
        { service: 'execute-api', region, credentials: await credentials() },
        new Date(),
      );
      const address = new URL(path, url);
      address.search = encodeQuery(query); // as it was signed
      return { method, url: address, headers: signed, body };
    },
  };
}
