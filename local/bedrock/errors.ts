/** An error as Bedrock names it. `message` goes to the client. */
export class BedrockError extends Error {
  override readonly name: string;
  readonly status: number;
  constructor(name: keyof typeof STATUSES, message: string) {
    super(message);
    this.name = name;
    this.status = STATUSES[name];
  }
}

const STATUSES = {
  ValidationException: 400,
  AccessDeniedException: 403,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
} as const;

export const invalid = (message: string): BedrockError => new BedrockError('ValidationException', message);
