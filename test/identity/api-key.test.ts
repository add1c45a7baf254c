import { describe, expect, it } from 'vitest';
import { formatKey, hashSecret, isSecretOf, newKey, parseKey } from '../../lambdas/identity/api-key.ts';

describe('an API key', () => {
  it('is read back in its parts, and no other text is one', () => {
    const key = newKey();
    expect(parseKey(formatKey(key))).toEqual(key);
    const text = formatKey(key);
    for (const other of ['', text.slice(1), text.slice(0, -1), `${text}x`, ` ${text}`, text.replace('gwk', 'key')]) {
      expect(parseKey(other)).toBeUndefined();
    }
  });

  it('is another one each time', () => {
    const keys = Array.from({ length: 500 }, newKey);
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(500);
    expect(new Set(keys.map(({ secret }) => secret)).size).toBe(500);
  });

  it('is known by the hash of its secret', () => {
    const { secret } = newKey();
    expect(isSecretOf(secret, hashSecret(secret))).toBe(true);
    expect(isSecretOf(newKey().secret, hashSecret(secret))).toBe(false);
    expect(isSecretOf(secret, '')).toBe(false);
    expect(hashSecret(secret)).not.toContain(secret);
  });
});
