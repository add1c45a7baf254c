import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { RetryingFetch } from './adapters/retrying-fetch.ts';

/** CloudFormation takes replies of at most 4096 bytes in all; the rest of one is short. */
const MAX_REASON_BYTES = 3_000;

export type Outcome =
  | { readonly status: 'SUCCESS'; readonly physicalId: string; readonly attributes: Readonly<Record<string, string>> }
  | { readonly status: 'FAILED'; readonly physicalId: string; readonly reason: string };

/** Puts the reply where CloudFormation waits for it. @throws Error when it cannot be delivered within `withinMs` */
export async function reply(
  event: CloudFormationCustomResourceEvent,
  outcome: Outcome,
  withinMs: number,
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = event;
  const common = { PhysicalResourceId: outcome.physicalId, StackId, RequestId, LogicalResourceId };
  const body: CloudFormationCustomResourceResponse =
    outcome.status === 'SUCCESS'
      ? { Status: 'SUCCESS', ...common, Data: { ...outcome.attributes } }
      : { Status: 'FAILED', ...common, Reason: beginning(outcome.reason) };
  const { fetch } = new RetryingFetch({ retryForMs: withinMs });
  const response = await fetch(event.ResponseURL, {
    method: 'PUT',
    // Bytes, because a string would be sent with a content type, which the URL's signature does not cover.
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
  if (!response.ok) throw new Error(`CloudFormation did not take the reply: HTTP ${response.status}`);
}

/** At most `MAX_REASON_BYTES` in UTF-8, never half a character. */
function beginning(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return `${bytes
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD+$/, '')} …`;
}
