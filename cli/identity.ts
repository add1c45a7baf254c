/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Who calls the API: says so in each request. */
export interface Identity {
  /** For people: `an API key`. */
  readonly description: string;
  /** @throws CommandError when it is not who it was any more */
  sign(request: OutgoingRequest): Promise<OutgoingRequest>;
}

/** A program with a key of its own. */
export const apiKeyIdentity = (apiKey: string): Identity => ({
  description: 'an API key',
  sign: async request => ({ ...request, headers: { ...request.headers, 'x-api-key': apiKey } }),
});
