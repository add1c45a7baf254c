import pMap from 'p-map';
import { embeddedText } from '../embedded-text.ts';
import type { ChunkStore, DocumentStore, TermStatisticsStore, WorkQueue } from '../ports.ts';
import type { StatisticsMessage } from './messages.ts';
import { TermCounter, type TermStatistics } from './term-statistics.ts';

export interface RefreshPorts {
  readonly documents: Pick<DocumentStore, 'listHeads' | 'getVersion'>;
  readonly chunks: Pick<ChunkStore, 'range'>;
  readonly statistics: TermStatisticsStore;
  readonly queue: WorkQueue<StatisticsMessage>;
}

/** Enough for the rarity of every word that a question may hold; reading them costs about a cent. */
const MOST_CHUNKS = 20_000;
const MOST_TERMS = 300_000;
/** Counting may take this share of the time at most: while documents keep coming, it waits between two counts. */
const BUSY_SHARE = 0.05;
const SHORTEST_PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 900_000;
const HEADS_A_PAGE = 100;
const READS_AT_A_TIME = 16;

/**
 * Brings a tenant's statistics up to date with a change of its documents. A change that is counted already costs one
 * small read; one that comes too soon after the last count is sent again, to be counted with those that follow.
 */
export async function refreshStatistics(
  ports: RefreshPorts,
  { tenant, changedAt }: StatisticsMessage,
  now: () => number = Date.now,
): Promise<'counted' | 'fresh' | 'later'> {
  const last = await ports.statistics.read(tenant);
  if (last && last.countedAt > changedAt) return 'fresh';
  const waitMs = last ? pauseAfter(last) - (now() - last.countedAt) : 0;
  if (waitMs > 0) {
    await ports.queue.send([{ tenant, changedAt }], { delaySeconds: Math.ceil(waitMs / 1_000) });
    return 'later';
  }
  await ports.statistics.write(tenant, await countTerms(ports, tenant, now));
  return 'counted';
}

const pauseAfter = ({ durationMs }: TermStatistics): number =>
  Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, durationMs / BUSY_SHARE));

async function countTerms(ports: RefreshPorts, tenant: string, now: () => number): Promise<TermStatistics> {
  const counter = new TermCounter(now());
  const documents = await liveDocuments(ports, tenant);
  await pMap(
    sampleOf(documents),
    async ({ documentId, liveVersion, chunkCount }) => {
      const [version, chunks] = await Promise.all([
        ports.documents.getVersion(documentId, liveVersion),
        ports.chunks.range(documentId, liveVersion, 0, chunkCount),
      ]);
      if (version) for (const chunk of chunks) counter.add(embeddedText(version, chunk));
    },
    { concurrency: READS_AT_A_TIME },
  );
  return counter.finish(now(), MOST_TERMS);
}

interface LiveDocument {
  readonly documentId: string;
  readonly liveVersion: number;
  readonly chunkCount: number;
}

async function liveDocuments({ documents }: RefreshPorts, tenant: string): Promise<LiveDocument[]> {
  const live: LiveDocument[] = [];
  let cursor: string | undefined;
  do {
    const page = await documents.listHeads(tenant, { limit: HEADS_A_PAGE, ...(cursor && { cursor }) });
    for (const { documentId, liveVersion, chunkCount } of page.heads) {
      if (liveVersion !== undefined) live.push({ documentId, liveVersion, chunkCount });
    }
    cursor = page.cursor;
  } while (cursor);
  return live;
}

/** Document ids are hashes: in their order any beginning is a fair sample, and much the same one each time. */
function sampleOf(documents: readonly LiveDocument[]): LiveDocument[] {
  let chunks = 0;
  return documents
    .toSorted((a, b) => (a.documentId < b.documentId ? -1 : 1))
    .filter(({ chunkCount }) => {
      chunks += chunkCount;
      return chunks <= MOST_CHUNKS || chunks === chunkCount;
    });
}
