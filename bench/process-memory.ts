/**
 * Memory and time of reading one large CSV file as the process function does: streamed to the reading process, chunks
 * handed back in batches. Prints the highest sum of both processes' resident memory. Linux only: it reads /proc.
 *
 *     node bench/process-memory.ts [megabytes …]        default: 20 200
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { stop as stopBundler } from 'esbuild';
import { isolatedDocumentReader } from '../lambdas/adapters/isolated-document-reader.ts';
import { residentMegabytes } from '../lambdas/adapters/resident-memory.ts';
import { buildBundle } from '../lib/bundles.ts';
import { childrenOf } from './child-processes.ts';

const root = join(import.meta.dirname, '..');
/** A function of 512 MB leaves this much to the process that reads. */
const readingMegabytes = 256;
/** What a store of 25 chunks a call may take for a batch. */
const storeMs = 10;

/** Rows of an order list, as pieces of 64 KB: nothing is held. */
async function* csvPieces(size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  let row = 0;
  let text = 'order,customer,city,amount,currency,comment\n';
  while (left > 0) {
    while (text.length < 65_536) {
      row += 1;
      text += `${row},Customer ${row % 977},"Stadt am Fluss, Nord",${(row * 7919) % 100_000},EUR,"delivered on day ${row % 365}, paid"\n`;
    }
    const piece = Buffer.from(text.slice(0, 65_536)).subarray(0, left);
    text = text.slice(65_536);
    left -= piece.length;
    yield piece;
  }
}

async function measure(entry: URL, megabytes: number): Promise<string> {
  const reader = isolatedDocumentReader({
    entry,
    memoryMegabytes: readingMegabytes,
    chunking: { targetTokens: 1_000, overlapTokens: 200 },
  });
  let [peak, peakOfReading] = [0, 0];
  const watch = setInterval(() => {
    const reading = Math.max(0, ...childrenOf(process.pid).map(pid => residentMegabytes(pid) ?? 0));
    peak = Math.max(peak, reading + (residentMegabytes(process.pid) ?? 0));
    peakOfReading = Math.max(peakOfReading, reading);
  }, 20);
  const started = performance.now();
  try {
    const size = megabytes * 1_000_000;
    const file = { key: 'documents/orders.csv', size, pieces: csvPieces(size), timeLimitMs: 900_000 };
    const { chunkCount } = await reader(file, async () => void (await sleep(storeMs)));
    const seconds = (performance.now() - started) / 1_000;
    const rate = `${(megabytes / seconds).toFixed(1)} MB/s`;
    return `${megabytes} MB: ${chunkCount} chunks in ${seconds.toFixed(1)} s (${rate}); peak ${Math.round(peak)} MiB, of it ${Math.round(peakOfReading)} MiB in the reading process`;
  } finally {
    clearInterval(watch);
    reader.close();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'groundwork-bench-'));
try {
  const bundle = await buildBundle(root, folder, 'process');
  await stopBundler(); // its process would be counted
  const sizes = process.argv.slice(2).map(Number);
  for (const megabytes of sizes.length > 0 ? sizes : [20, 200]) {
    console.log(await measure(pathToFileURL(join(bundle, 'reading-process.mjs')), megabytes));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
