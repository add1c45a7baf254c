import { type Chunk, filedObject } from '../document.ts';
import { UnreadableDocument } from '../errors.ts';
import type { DocumentBucket, RecognizedLine, RecognizedLines } from '../ports.ts';
import { type ChunkOptions, withinBounds } from './chunk-packer.ts';
import { hashing } from './content-hash.ts';
import { attempt, objectGone } from './failures.ts';
import type { RecognitionMessage } from './messages.ts';
import { isCurrent } from './outdated.ts';
import { type FormatOptions, takesPage } from './parse/format-options.ts';
import { failUnreadable, type PlanPorts, type ProcessOutcome, passOver, plan } from './plan.ts';
import { pageBlocks } from './recognized-text.ts';
import { type LoadedRules, ruleFor } from './rules.ts';
import { storeBlocks } from './store-blocks.ts';

const noLetters =
  'No letters were recognized on the pages of the file. Upload a sharper scan, or the file with its text.';
const unrecognized =
  'The letters on the pages of the file could not be recognized. Run text recognition (OCR) over it yourself and upload the result.';

export interface RecognizedPorts extends PlanPorts {
  readonly bucket: Pick<DocumentBucket, 'open'>;
  readonly recognition: RecognizedLines;
  /** Those in force now; see `rulesReader`. */
  readonly readRules: () => Promise<LoadedRules>;
}

/**
 * The second step of a scanned document's story, continued: recognized lines → chunks → embed queue.
 * @param settings chunk sizes where the rules name none
 */
export const processRecognized = (
  ports: RecognizedPorts,
  message: RecognitionMessage,
  settings: ChunkOptions,
): Promise<ProcessOutcome> =>
  attempt(ports.documents, message, async () => {
    const { documentId } = message;
    const [head, version] = await Promise.all([
      ports.documents.getHead(documentId),
      ports.documents.getVersion(documentId, message.version),
    ]);
    // Told twice, or tried again meanwhile.
    if (!version || !isCurrent(head, message.version) || head.status !== 'PROCESSING') return passOver(ports, message);
    const { key, s3VersionId } = filedObject(head, version.version) ?? version;
    const object = await ports.bucket.open(key, s3VersionId);
    if (!object) return failUnreadable(ports, version, objectGone);
    try {
      if (message.outcome === 'failed') throw new UnreadableDocument('ocr-failed', unrecognized);
      const { pieces, contentHash } = hashing(object.pieces);
      for await (const _ of pieces); // the file is known by its content, and was read by somebody else
      const store = (chunks: readonly Chunk[]) => ports.chunks.put(documentId, message.version, chunks);
      const { rules } = await ports.readRules();
      const { chunking, formats = {} } = ruleFor(rules, version.key);
      const blocks = pageBlocks(linesOf(ports.recognition.lines(message.jobId), formats));
      const chunkCount = await storeBlocks(blocks, withinBounds({ ...settings, ...chunking }), store);
      if (chunkCount === 0) throw new UnreadableDocument('no-text', noLetters);
      return await plan(ports, version, { chunkCount, contentHash: contentHash() });
    } catch (error) {
      if (error instanceof UnreadableDocument) return failUnreadable(ports, version, error);
      throw error;
    }
  });

/** Those on pages that are to be read. */
async function* linesOf(
  parts: AsyncIterable<readonly RecognizedLine[]>,
  formats: FormatOptions,
): AsyncGenerator<readonly RecognizedLine[]> {
  for await (const lines of parts) yield lines.filter(({ page }) => takesPage(formats, page));
}
