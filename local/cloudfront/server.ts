import type { Handler, Iam } from '../contracts.ts';
import { createDistributions, type Distributions } from './distributions.ts';
import { invalidationHandler } from './invalidations.ts';
import { type SiteOptions, serveSite } from './site.ts';

export interface CloudFrontOptions extends Pick<SiteOptions, 's3'> {
  readonly iam: Iam;
}
export interface CloudFront {
  readonly distributions: Distributions;
  /** CloudFront's API. */
  readonly handler: Handler;
  /** The sites, below `/_site/`. */
  readonly sites: Handler;
}

/** CloudFront, as far as a site in a bucket needs it. */
export function createCloudFront({ iam, s3 }: CloudFrontOptions): CloudFront {
  const distributions = createDistributions();
  return {
    distributions,
    handler: invalidationHandler({ iam, distributions }),
    sites: exchange => serveSite({ distributions, s3 }, exchange),
  };
}
