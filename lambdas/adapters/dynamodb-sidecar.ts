import type { DocumentHead } from '../document.ts';
import { sidecarFields } from '../ingest/sidecar-head.ts';
import type { SidecarReading } from '../ports.ts';
import { parseHead } from './document-items.ts';
import { type DynamodbTable, definedAndNot } from './dynamodb-table.ts';

/** See `DocumentStore.recordSidecar`: one update, which fails when anything that it follows from is not as it was seen. */
export async function recordSidecar(
  table: DynamodbTable,
  now: () => string,
  seen: DocumentHead,
  reading: SidecarReading,
): Promise<DocumentHead | undefined> {
  const { documentId, newestVersion, status, liveVersion, sidecarReadings } = seen;
  const item = await table.update(
    { documentId, version: 0 },
    {
      ...definedAndNot({
        ...sidecarFields(seen, reading),
        // Deleted documents carry no time of update, so that no index lists them.
        ...(status !== 'DELETED' && { updatedAt: now() }),
      }),
      when: `#newestVersion = :newestVersion AND #status = :status
             AND ${as('liveVersion', liveVersion)} AND ${as('sidecarReadings', sidecarReadings)}`,
      values: {
        newestVersion,
        status,
        ...(liveVersion !== undefined && { liveVersion }),
        ...(sidecarReadings !== undefined && { sidecarReadings }),
      },
    },
  );
  return item && parseHead(item);
}

const as = (name: string, value: unknown): string =>
  value === undefined ? `attribute_not_exists(#${name})` : `#${name} = :${name}`;
