import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { CognitoError, type PasswordPolicy } from './model.ts';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const BYTES = 32;

/** @returns `scrypt:<salt>:<hash>`, both base64 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, BYTES, COST);
  return ['scrypt', salt.toString('base64'), hash.toString('base64')].join(':');
}

/** Takes as long without a hash to compare with, so that nobody learns from the time who there is. */
export async function passwordFits(password: string, passwordHash: string | undefined): Promise<boolean> {
  const [, salt = '', hash = ''] = (passwordHash ?? '').split(':');
  const derived = await derive(password, Buffer.from(salt, 'base64'), BYTES, COST);
  const expected = Buffer.from(hash, 'base64');
  return derived.length === expected.length && timingSafeEqual(derived, expected);
}

/** @throws CognitoError (InvalidPasswordException) */
export function checkPassword(password: string, policy: PasswordPolicy): void {
  const faults = [
    password.length < policy.minimumLength && 'Password not long enough',
    policy.requireLowercase && !/[a-z]/.test(password) && 'Password must have lowercase characters',
    policy.requireUppercase && !/[A-Z]/.test(password) && 'Password must have uppercase characters',
    policy.requireNumbers && !/\d/.test(password) && 'Password must have numeric characters',
    policy.requireSymbols && !/[^A-Za-z0-9]/.test(password) && 'Password must have symbol characters',
  ].filter(fault => fault !== false);
  if (faults.length === 0) return;
  throw new CognitoError('InvalidPasswordException', `Password did not conform with policy: ${faults.join('; ')}`);
}
