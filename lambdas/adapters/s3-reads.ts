import { TermStatistics } from '../lexical/term-statistics.ts';
import type { DocumentBucket, TermStatisticsStore } from '../ports.ts';
import { AwsClient, type AwsClientOptions } from './aws/client.ts';
import { readBody } from './aws/exchange.ts';
import { encodeQuery, encodeUri, signQuery } from './aws/signature.ts';
import { linkHeaders } from './link-headers.ts';

/** What an answer needs of the bucket, without the SDK's client. */
export interface S3Reads {
  readonly links: Pick<DocumentBucket, 'presignGet'>;
  readonly statistics: Pick<TermStatisticsStore, 'read'>;
}

/** One object a tenant, under `statistics/`, a prefix that triggers nothing. */
export const statisticsKeyOf = (tenant: string): string => `statistics/${tenant}.bin`;

/** The role needs s3:ListBucket on `statistics/` too: without it S3 answers 403 for an absent object. */
export function s3Reads(bucketName: string, options: AwsClientOptions = {}): S3Reads {
  // At another address than S3's own there is no host name for each bucket.
  const hasHost = !(options.endpoint ?? process.env.AWS_ENDPOINT_URL) && !bucketName.includes('.');
  const client = new AwsClient({ host: hasHost ? `${bucketName}.s3` : 's3', signingName: 's3' }, options);
  const pathOf = (key: string) => `${hasHost ? '' : `/${bucketName}`}/${key.split('/').map(encodeUri).join('/')}`;
  return {
    links: {
      async presignGet(key, s3VersionId, expiresSeconds) {
        const { endpoint, region, credentials } = client;
        const scope = { service: 's3', region, credentials };
        const query = { ...linkHeaders(key), ...(s3VersionId !== undefined && { versionId: s3VersionId }) };
        const object = { path: pathOf(key), host: endpoint.host, query };
        const signed = signQuery(object, scope, { now: new Date(), expiresSeconds });
        return `${endpoint.origin}${object.path}?${encodeQuery(signed)}`;
      },
    },
    statistics: {
      async read(tenant) {
        try {
          const request = { method: 'GET', path: pathOf(statisticsKeyOf(tenant)) } as const;
          // A copy, since a Buffer may be a part of a larger one.
          return TermStatistics.decode(new Uint8Array(await client.send(request, readBody)));
        } catch (error) {
          if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
          throw error;
        }
      },
    },
  };
}
