import type { BudgetLeft, BudgetPeriod, BudgetScope, BudgetUnit } from './budgets.ts';
import type { OPERATOR, Role } from './identity/role.ts';

/** What can go wrong in a way that the caller can mend. Anything else is thrown with its cause. */
export type AppError =
  | { readonly kind: 'invalid-request'; readonly issues: readonly string[] }
  | { readonly kind: 'request-too-large'; readonly limitBytes: number }
  | { readonly kind: 'export-too-large'; readonly limitBytes: number }
  | { readonly kind: 'unsupported-media-type'; readonly expected: string }
  | { readonly kind: 'not-allowed'; readonly role: Role; readonly needed: Role | typeof OPERATOR }
  | { readonly kind: 'not-found'; readonly method: string; readonly path: string }
  | { readonly kind: 'method-not-allowed'; readonly method: string; readonly allowed: readonly string[] }
  | { readonly kind: 'conversation-not-found'; readonly conversationId: string }
  | { readonly kind: 'turn-not-found'; readonly conversationId: string; readonly turnId: string }
  | { readonly kind: 'document-not-found'; readonly documentId: string }
  | { readonly kind: 'document-not-failed'; readonly documentId: string; readonly status: string }
  | { readonly kind: 'version-not-live'; readonly documentId: string; readonly version: number }
  | { readonly kind: 'metadata-changed'; readonly documentId: string }
  | { readonly kind: 'job-not-found'; readonly jobId: string }
  | { readonly kind: 'key-not-found'; readonly keyId: string }
  | { readonly kind: 'job-not-running'; readonly jobId: string; readonly status: string }
  | {
      readonly kind: 'budget-spent';
      readonly scope: BudgetScope;
      readonly period: BudgetPeriod;
      readonly unit: BudgetUnit;
      /** The rest is held for answers in progress, which will cost less. */
      readonly inProgress: boolean;
      readonly retryAfterSeconds: number;
      readonly left: BudgetLeft;
    }
  | { readonly kind: 'service-unavailable'; readonly service: string; readonly retryAfterSeconds: number };

/** Carries an expected failure through an async generator to the edge that describes it. */
export class AppFailure extends Error {
  readonly error: AppError;
  constructor(error: AppError, options?: ErrorOptions) {
    super(error.kind, options);
    this.name = 'AppFailure';
    this.error = error;
  }
}

/**
 * A file that can never be ingested as it is: the document ends FAILED at once, without a retry.
 * `code` is stable; the message is a sentence for the content owner that says what to do.
 */
export class UnreadableDocument extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableDocument';
    this.code = code;
  }
}
