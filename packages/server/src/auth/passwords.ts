/**
 * Password hashes with scrypt, in a self-describing text, so that the cost can rise later without breaking old ones:
 * `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, both in base64url.
 *
 * N = 2^15, r = 8, p = 3 is one of the settings that OWASP names as equal in strength to N = 2^17, p = 1: the same
 * work for an attacker with a quarter of the memory here, 32 MB for about 0.2 s. At most
 * `LIMITS.passwordHashesAtOnceMax` run together, for they hold threads that file reads and name look-ups need too.
 *
 * Hashes that users brought along from another server (bcrypt.ts) are compared as well. They take another time, so
 * that a "no" waits for the next full slot: its time does not tell which kind there was, or that there was none.
 */
import { type BinaryLike, randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import { countsWholly, isBcrypt, opensBcrypt } from './bcrypt.ts';

export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

const COST: ScryptCost = { logN: 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const SALT_BYTES = 16;
// A stored text is trusted, yet a damaged one must not ask for gigabytes.
const COST_MAX: ScryptCost = { logN: 20, r: 16, p: 16 };

export type PasswordWork<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly cause: 'busy' };

export interface Passwords {
  hash(password: string): Promise<PasswordWork<string>>;
  /** With null as the stored text it takes the same time as with a real one and says false. */
  verify(password: string, stored: string | null): Promise<PasswordWork<boolean>>;
  /** The text was made in another way than today's, and the password that opens it is known well enough to hash it. */
  outdated(stored: string, password: string): boolean;
}

interface Parsed {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** The parameters are for tests, which need no strong hashes. `refusalMs`: the slots in which a "no" is given. */
export function createPasswords(
  cost: ScryptCost = COST,
  refusalMs: number = LIMITS.passwordRefusalMs,
): Passwords {
  const inTurn = createTurns(LIMITS.passwordHashesAtOnceMax, LIMITS.passwordHashesWaitingMax);
  // What an unknown e-mail is compared with: no password has this key.
  const nobody: Parsed = { cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_BYTES);
        return format({ cost, salt, key: await derive(password, salt, cost) });
      }),
    async verify(password, stored) {
      const startedAt = performance.now();
      const opened = await inTurn(async () => {
        if (stored !== null && isBcrypt(stored)) return opensBcrypt(password, stored);
        const parsed = stored === null ? null : parse(stored);
        const { salt, key, cost: theirs } = parsed ?? nobody;
        const equal = timingSafeEqual(key, await derive(password, salt, theirs));
        return parsed !== null && equal;
      });
      if (opened.ok && !opened.value && refusalMs > 0)
        await pause(refusalMs - ((performance.now() - startedAt) % refusalMs));
      return opened;
    },
    outdated: (stored, password) => {
      if (isBcrypt(stored)) return countsWholly(password);
      const theirs = parse(stored)?.cost;
      return theirs?.logN !== cost.logN || theirs.r !== cost.r || theirs.p !== cost.p;
    },
  };
}

const format = ({ cost, salt, key }: Parsed): string =>
  ['scrypt', cost.logN, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');

function parse(stored: string): Parsed | null {
  const match = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(stored);
  if (!match) return null;
  const [logN = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const key = Buffer.from(match[5] ?? '', 'base64url');
  const inBounds = logN <= COST_MAX.logN && r <= COST_MAX.r && p <= COST_MAX.p && logN > 0 && r > 0 && p > 0;
  if (!inBounds || key.length !== KEY_BYTES) return null;
  return { cost: { logN, r, p }, salt: Buffer.from(match[4] ?? '', 'base64url'), key };
}

function derive(password: string, salt: BinaryLike, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** logN;
  // Node refuses to use more memory than maxmem; 128 · N · r is what one block costs.
  const options: ScryptOptions = { N, r, p, maxmem: 128 * N * r + 128 * r * p + 1024 * 1024 };
  // The same letter may be typed as one code point or as two, depending on the keyboard.
  const typed = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(typed, salt, KEY_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** Runs at most `atOnceMax` pieces of work together, keeps `waitingMax` more waiting, and turns the others away. */
function createTurns(atOnceMax: number, waitingMax: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<PasswordWork<T>> => {
    if (running >= atOnceMax) {
      if (waiting.length >= waitingMax) return { ok: false, cause: 'busy' };
      // Whoever finishes hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return { ok: true, value: await work() };
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
