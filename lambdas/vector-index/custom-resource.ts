import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Outcome } from '../custom-resource-reply.ts';
import { parseProperties } from './properties.ts';
import { ensureIndex, type IndexControl } from './vector-index.ts';

/** Physical id of an index that this stack did not get: its deletion must not touch an index of that name. */
const NOT_CREATED = 'not-created';

export interface CustomResourcePorts {
  readonly readKey: () => Promise<string>;
  readonly controlFor: (apiKey: string) => IndexControl;
}

/**
 * Answers one request of CloudFormation; whatever goes wrong becomes a FAILED outcome whose reason holds no secret.
 * @param timeoutMs how long it may take in all
 */
export async function handleRequest(
  ports: CustomResourcePorts,
  event: CloudFormationCustomResourceEvent,
  timeoutMs: number,
): Promise<Outcome> {
  let apiKey: string | undefined;
  const readKey = async () => {
    apiKey = await ports.readKey();
    return apiKey;
  };
  try {
    return await withinTime(carryOut({ ...ports, readKey }, event, timeoutMs), timeoutMs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      status: 'FAILED',
      physicalId: idAfterFailure(event),
      reason: apiKey ? reason.replaceAll(apiKey, '…') : reason,
    };
  }
}

async function carryOut(
  ports: CustomResourcePorts,
  event: CloudFormationCustomResourceEvent,
  timeoutMs: number,
): Promise<Outcome> {
  if (event.RequestType === 'Delete') return removeIndex(ports, event);
  const properties = parseProperties(event.ResourceProperties);
  const control = ports.controlFor(await ports.readKey());
  const host = await ensureIndex(control, properties, timeoutMs);
  return { status: 'SUCCESS', physicalId: properties.IndexName, attributes: { Host: host } };
}

async function removeIndex(
  ports: CustomResourcePorts,
  event: Extract<CloudFormationCustomResourceEvent, { RequestType: 'Delete' }>,
): Promise<Outcome> {
  const physicalId = event.PhysicalResourceId;
  const removed: Outcome = { status: 'SUCCESS', physicalId, attributes: {} };
  if (physicalId === NOT_CREATED || event.ResourceProperties.OnDelete !== 'destroy') return removed;
  await ports.controlFor(await ports.readKey()).remove(physicalId);
  return removed;
}

/** After a failed Create, CloudFormation asks to delete what it takes for created. */
const idAfterFailure = (event: CloudFormationCustomResourceEvent): string =>
  event.RequestType === 'Create' ? NOT_CREATED : event.PhysicalResourceId;

function withinTime<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const seconds = Math.round(timeoutMs / 1_000);
  const timer = setTimeout(() => reject(new Error(`The vector index was not ready after ${seconds} s`)), timeoutMs);
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
