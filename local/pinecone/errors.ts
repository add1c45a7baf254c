/** Codes of gRPC, which Pinecone's data plane puts in its errors. */
const RPC_CODES = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 501: 12 } as const;
/** Names of the control plane for the same. */
const NAMES = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  501: 'UNIMPLEMENTED',
} as const;

export class PineconeError extends Error {
  override readonly name = 'PineconeError';
  readonly status: keyof typeof NAMES;
  constructor(status: keyof typeof NAMES, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequest = (message: string): PineconeError => new PineconeError(400, message);

/** As the control plane words an error. */
export const controlPlaneError = ({ status, message }: PineconeError) => ({
  status,
  error: { code: NAMES[status], message },
});

/** As the data plane words it. */
export const dataPlaneError = ({ status, message }: PineconeError) => ({
  code: RPC_CODES[status],
  message,
  details: [],
});

/** A segment of a path. @throws PineconeError 400 when its percent encoding is broken */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause;
    throw badRequest(`The path has a broken percent encoding: ${segment}`);
  }
}
