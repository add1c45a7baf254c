/** Tells the requests that this command makes from those of others, in the access log of the API that it runs. */
export class OwnRequests {
  /** Whose line in the access log has not come yet, by method and path. */
  readonly #expected = new Map<string, number>();

  /** @param path from the root of the API, without its query */
  add(method: string, path: string): void {
    const request = `${method} ${path}`;
    this.#expected.set(request, (this.#expected.get(request) ?? 0) + 1);
  }

  /** Whether a line of the access log is of a request made here; each is, once. */
  isOwn(accessLine: string): boolean {
    const request = accessLine.split(' ', 2).join(' ');
    const expected = this.#expected.get(request) ?? 0;
    if (expected === 0) return false;
    this.#expected.set(request, expected - 1);
    return true;
  }
}
