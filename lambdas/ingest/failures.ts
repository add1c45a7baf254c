import type { DocumentError } from '../document.ts';
import { AppFailure } from '../errors.ts';
import type { DocumentStore } from '../ports.ts';
import { throttleOf } from '../throttling.ts';

/** Why an upload fails, in words for the person who put the file there. */
const retryHint = (documentId: string) => `Retry it with POST /documents/${documentId}/retry.`;

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;

const tooLarge = (bytes: number, limitBytes: number): DocumentError => ({
  code: 'too-large',
  message: `The file has ${megabytes(bytes)}; at most ${megabytes(limitBytes)} can be read. Split it and upload the parts.`,
});

const emptyFile: DocumentError = {
  code: 'empty-file',
  message: 'The file is empty (0 bytes). Upload it again with its content.',
};

/** @returns why a file of this size is not read at all; undefined for one that may be */
export function rejectionOf(bytes: number, limitBytes: number): DocumentError | undefined {
  if (bytes === 0) return emptyFile;
  return bytes > limitBytes ? tooLarge(bytes, limitBytes) : undefined;
}

export const objectGone: DocumentError = {
  code: 'object-gone',
  message: 'The file was no longer in the bucket when it was to be read. Upload it again.',
};

/** Codes of documents whose message was given up, for a reason that may be gone: those that a redrive tries again. */
export const GIVEN_UP_CODES: readonly string[] = ['processing-failed', 'service-unavailable'];

export const processingFailed = (documentId: string): DocumentError => ({
  code: 'processing-failed',
  message: `The document could not be processed, for a reason that is not in the file. ${retryHint(documentId)}`,
});

/** What to tell of an error that the next attempt may not have. Its own message stays in the logs. */
function describeAttemptError(documentId: string, error: unknown): DocumentError {
  if (!throttleOf(error)) return processingFailed(documentId);
  const isNamed = error instanceof AppFailure && error.error.kind === 'service-unavailable';
  const service = isNamed ? error.error.service : 'A service that is needed';
  return {
    code: 'service-unavailable',
    message: `${service} was overloaded or out of reach. ${retryHint(documentId)}`,
  };
}

/**
 * Runs one attempt at a step of ingestion; its error is noted with the version, for the dead-letter function to report
 * should no later attempt succeed, and thrown on.
 */
export async function attempt<Result>(
  documents: Pick<DocumentStore, 'noteAttemptError'>,
  { documentId, version }: { readonly documentId: string; readonly version: number },
  step: () => Promise<Result>,
): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    await documents
      .noteAttemptError(documentId, version, describeAttemptError(documentId, error))
      .catch((noting: unknown) => {
        throw new AggregateError([error, noting], 'An attempt failed, and so did noting why', { cause: error });
      });
    throw error;
  }
}
