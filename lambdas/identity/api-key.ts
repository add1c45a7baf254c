import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `gwk_<keyId>_<secret>`: the prefix tells scanners for leaked keys what they found. */
const FORM = /^gwk_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})$/;
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A key as its program sends it, in its parts. */
export interface SentKey {
  readonly keyId: string;
  readonly secret: string;
}

/** A new key: its secret has 256 bits by chance. */
export const newKey = (): SentKey => ({ keyId: randomText(16), secret: randomText(43) });

export const formatKey = ({ keyId, secret }: SentKey): string => `gwk_${keyId}_${secret}`;

/** @returns undefined for a text that no key looks like */
export function parseKey(text: string): SentKey | undefined {
  const [, keyId, secret] = FORM.exec(text) ?? [];
  return keyId !== undefined && secret !== undefined ? { keyId, secret } : undefined;
}

/** One round is enough: unlike a password, a secret of 256 bits cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Takes as long for a wrong secret as for the right one. */
export const isSecretOf = (secret: string, hash: string): boolean =>
  timingSafeEqual(Buffer.from(hashSecret(secret)), Buffer.from(hash.padEnd(43).slice(0, 43)));

/** Letters and digits alone: a double click selects the whole of it. */
function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      // 248 is the largest multiple of 62 in a byte, so that each letter is as likely as any other.
      if (byte < 248 && text.length < length) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}
