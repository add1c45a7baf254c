import { ACCOUNT_ID, PARTITION } from '../contracts.ts';
import type { HeadersPolicy } from './headers-policy.ts';

/** What is answered instead of an error of the origin. */
export interface ErrorResponse {
  readonly errorCode: number;
  /** With `pagePath`: the page's status. */
  readonly responseCode?: number;
  /** `/404.html` */
  readonly pagePath?: string;
}
export interface DistributionSpec {
  /** `E` and 13 letters and digits. */
  readonly id: string;
  /** What stands before `.cloudfront.net`. */
  readonly domainLabel: string;
  readonly bucket: string;
  /** Put before every path; empty or `/folder`. */
  readonly originPath: string;
  /** Whether requests to the bucket are the distribution's, as an origin access control has it, or nobody's. */
  readonly signed: boolean;
  /** What `/` stands for; empty: nothing. */
  readonly defaultRootObject: string;
  readonly compress: boolean;
  readonly headersPolicyId?: string;
  readonly errorResponses: readonly ErrorResponse[];
}

/** Distributions and headers policies, in memory: the deployer puts them again at each start. */
export interface Distributions {
  put(spec: DistributionSpec): void;
  delete(id: string): void;
  find(id: string): DistributionSpec | undefined;
  ofDomain(label: string): DistributionSpec | undefined;
  putHeadersPolicy(id: string, policy: HeadersPolicy): void;
  deleteHeadersPolicy(id: string): void;
  headersPolicy(id: string): HeadersPolicy | undefined;
}

export const distributionArn = (id: string): string => `arn:${PARTITION}:cloudfront::${ACCOUNT_ID}:distribution/${id}`;

export function createDistributions(): Distributions {
  const distributions = new Map<string, DistributionSpec>();
  const policies = new Map<string, HeadersPolicy>();
  return {
    put(spec) {
      if (spec.headersPolicyId !== undefined && !policies.has(spec.headersPolicyId)) {
        throw new Error(
          `The local cloud has no response headers policy ${spec.headersPolicyId}: put it into the stack.`,
        );
      }
      distributions.set(spec.id, spec);
    },
    delete: id => void distributions.delete(id),
    find: id => distributions.get(id),
    ofDomain: label => [...distributions.values()].find(({ domainLabel }) => domainLabel === label),
    putHeadersPolicy: (id, policy) => void policies.set(id, policy),
    deleteHeadersPolicy: id => void policies.delete(id),
    headersPolicy: id => policies.get(id),
  };
}
