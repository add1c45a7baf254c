/** RFC 7636: what shows that who redeems a code is who asked for it. */

/** @returns 43 characters that nobody can guess, safe in a URL */
export const randomText = (): string => base64Url(crypto.getRandomValues(new Uint8Array(32)));

/** @returns the `S256` challenge of a verifier */
export async function challengeOf(verifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
