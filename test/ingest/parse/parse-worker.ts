import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { UnreadableDocument } from '../../../lambdas/errors.ts';
import { chunkDocument } from '../../../lambdas/ingest/chunk.ts';
import { parse } from '../../../lambdas/ingest/parse/parse.ts';

/** What became of one file; posted once. */
export type Outcome =
  | { readonly outcome: 'rejected'; readonly code: string; readonly message: string }
  | {
      readonly outcome: 'indexed';
      readonly format: string;
      readonly text: string;
      readonly chunks: number;
      readonly largestChunk: number;
    };

async function attempt(path: string): Promise<Outcome> {
  try {
    const document = await parse(readFileSync(path), path);
    const { text, chunks } = chunkDocument(document, { targetTokens: 1_000, overlapTokens: 200 });
    const largestChunk = Math.max(0, ...chunks.map(chunk => chunk.tokenCount));
    return { outcome: 'indexed', format: document.format, text, chunks: chunks.length, largestChunk };
  } catch (error) {
    if (error instanceof UnreadableDocument) return { outcome: 'rejected', code: error.code, message: error.message };
    throw error;
  }
}

parentPort?.postMessage(await attempt(String(workerData)));
