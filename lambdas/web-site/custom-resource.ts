import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import * as z from 'zod';
import type { Outcome } from '../custom-resource-reply.ts';
import { publishSite, removeSite, type SiteStore } from './publish.ts';
import type { SiteFile } from './site-file.ts';

/** CloudFormation gives every value as a string. What else there is, such as the fingerprint of the files, only makes it ask. */
const properties = z.object({
  BucketName: z.string().min(1),
  DistributionId: z.string().min(1),
  Config: z.record(z.string(), z.string()),
});

export interface SitePorts {
  readonly readFiles: () => Promise<SiteFile[]>;
  readonly storeOf: (bucketName: string, distributionId: string) => SiteStore;
}

/** Answers one request of CloudFormation; whatever goes wrong becomes a FAILED outcome. The bucket's name is the physical id. */
export async function handleRequest(ports: SitePorts, event: CloudFormationCustomResourceEvent): Promise<Outcome> {
  const known = 'PhysicalResourceId' in event ? event.PhysicalResourceId : 'not-created';
  try {
    const { BucketName, DistributionId, Config } = properties.parse(event.ResourceProperties);
    const store = ports.storeOf(event.RequestType === 'Delete' ? known : BucketName, DistributionId);
    if (event.RequestType === 'Delete') {
      // What was never created has no bucket of its own to empty.
      const removed = known === BucketName ? await removeSite(store) : 0;
      return { status: 'SUCCESS', physicalId: known, attributes: { Removed: String(removed) } };
    }
    const { published, removed } = await publishSite(store, await ports.readFiles(), Config, event.RequestId);
    const attributes = { Published: String(published), Removed: String(removed) };
    return { status: 'SUCCESS', physicalId: BucketName, attributes };
  } catch (error) {
    return { status: 'FAILED', physicalId: known, reason: error instanceof Error ? error.message : String(error) };
  }
}
