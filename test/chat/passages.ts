import { createHash } from 'node:crypto';
import type { Passage } from '../../lambdas/chat/passage.ts';
import { type DocumentHead, documentIdOf, type Place, type StoredChunk } from '../../lambdas/document.ts';

export interface PassageSample {
  readonly key?: string;
  readonly title?: string;
  readonly text: string;
  readonly context?: string;
  readonly place?: Place;
  readonly index?: number;
  readonly suspicious?: readonly string[];
}

/** A chunk of version 1 of a document. */
export function chunkOf({
  key = 'documents/a.md',
  text,
  context,
  place = {},
  index = 0,
  suspicious,
}: PassageSample): StoredChunk {
  return {
    documentId: documentIdOf('default', key),
    version: 1,
    index,
    text,
    ...(context !== undefined && { context }),
    start: 0,
    end: text.length,
    tokenCount: Math.ceil(text.length / 4),
    textHash: createHash('sha256').update(text).digest('hex'),
    place,
    ...(suspicious && { suspicious }),
  };
}

/** A passage whose document is live in version 1. */
export function passageOf(sample: PassageSample): Passage {
  const { key = 'documents/a.md', title = 'A title' } = sample;
  const head: DocumentHead = {
    documentId: documentIdOf('default', key),
    tenant: 'default',
    key,
    title,
    status: 'COMPLETED',
    liveVersion: 1,
    newestVersion: 1,
    sequencer: '1',
    size: 1,
    chunkCount: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  };
  return { chunk: chunkOf(sample), head, score: 0.5 };
}
