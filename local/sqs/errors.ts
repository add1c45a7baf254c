/** An error that the caller of SQS gets, by its name in the service's model. */
export class SqsError extends Error {
  /** The shape's name, e.g. `QueueDoesNotExist`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'SqsError';
    this.code = code;
  }
  /** The name that the older query protocol has for it; clients show this one. */
  get queryCode(): string {
    return QUERY_CODES[this.code] ?? this.code;
  }
  /** The name with its namespace, as it stands in `__type`. */
  get type(): string {
    return CORAL_ERRORS[this.code] ?? `com.amazonaws.sqs#${this.code}`;
  }
}

const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
  BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
  InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
  MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
  TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
  UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
};

/** Errors that are not in SQS's own model. */
const CORAL_ERRORS: Readonly<Record<string, string>> = {
  AccessDenied: 'com.amazon.coral.service#AccessDeniedException',
  InternalFailure: 'com.amazon.coral.service#InternalFailure',
  InvalidAction: 'com.amazon.coral.service#UnknownOperationException',
  InvalidParameterValue: 'com.amazon.coral.service#InvalidParameterValueException',
  MissingParameter: 'com.amazon.coral.service#MissingRequiredParameterException',
};

export const invalidParameter = (message: string) => new SqsError('InvalidParameterValue', message);
export const queueDoesNotExist = () => new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
