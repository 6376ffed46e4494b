/**
 * Password hashes with bcrypt, as other servers made them: `$2b$12$<salt and key>`. They are only compared, never made
 * here: whoever signs in gets one of passwords.ts instead. Unlike those, they are of exactly the bytes that were
 * typed, and of the first 72 of them alone.
 */
import { compare } from 'bcryptjs';

/** Each step doubles the work; 14 is some seconds of a slow processor. A stored text must not ask for more. */
const COST_MAX = 14;
const COST_MIN = 4;
const BYTES_THAT_COUNT = 72;

export function isBcrypt(stored: string): boolean {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(stored)?.[1];
  return cost !== undefined && Number(cost) >= COST_MIN && Number(cost) <= COST_MAX;
}

/** Works in slices, so that others get their turn. Only for what `isBcrypt`. */
export const opensBcrypt = (password: string, stored: string): Promise<boolean> => compare(password, stored);

/**
 * The password is all that was hashed. Of a longer one nobody knows the rest: a hash of it as it was typed now would
 * shut out the one that used to be right.
 */
export const countsWholly = (password: string): boolean => Buffer.byteLength(password) < BYTES_THAT_COUNT;
