/**
 * URLs of the local store that the server signs itself: what may be done with which file, until when. Whoever has the
 * URL may do it, as with the URLs of S3. The keys of the cursors sign, through a secret of their own, so all servers of
 * a database agree, and while keys are changed both are accepted.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { isKey } from './key.ts';

export type Grant =
  | { readonly method: 'PUT'; readonly key: string; readonly contentType: string; readonly sizeMax: number }
  | { readonly method: 'GET'; readonly key: string; readonly contentType: string };

export type ReadGrant =
  | { readonly ok: true; readonly grant: Grant }
  /** `forged`: not of our making, or changed since. */
  | { readonly ok: false; readonly reason: 'forged' | 'expired' };

/** `secrets`: newest first; asked anew each time. */
export interface Signing {
  readonly secrets: () => readonly Uint8Array[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const FILES_PATH = '/files';

/** The URL, below `base`. `seconds`: how long it holds. */
export function signUrl({ secrets, now }: Signing, base: string, grant: Grant, seconds: number): string {
  const [secret] = secrets();
  if (!secret) throw new RangeError('Signing a URL needs a key.');
  const expires = Math.floor(now() / 1000) + seconds;
  const query = new URLSearchParams({ expires: String(expires), type: grant.contentType });
  if (grant.method === 'PUT') query.set('max', String(grant.sizeMax));
  query.set('signature', signatureOf(secret, grant, expires));
  return `${base}${FILES_PATH}/${grant.key}?${query}`;
}

/** What the URL allows. `method`: of the request; a HEAD is as good as a GET. */
export function readUrl(
  { secrets, now }: Signing,
  request: {
    readonly method: string;
    readonly key: string;
    readonly query: Readonly<Record<string, unknown>>;
  },
): ReadGrant {
  const { expires, type, max, signature } = request.query;
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (typeof expires !== 'string' || typeof type !== 'string' || typeof signature !== 'string') return FORGED;
  if (!/^\d{1,12}$/.test(expires) || !/^[0-9a-f]{64}$/.test(signature) || !isKey(request.key)) return FORGED;
  if (!isRead && (typeof max !== 'string' || !/^\d{1,15}$/.test(max))) return FORGED;
  const { key } = request;
  const grant: Grant = isRead
    ? { method: 'GET', key, contentType: type }
    : { method: 'PUT', key, contentType: type, sizeMax: Number(max) };
  const end = Number(expires);
  const given = Buffer.from(signature, 'hex');
  // Every key is tried, whether one has matched or not.
  const matches = secrets().map((secret) =>
    isEqual(given, Buffer.from(signatureOf(secret, grant, end), 'hex')),
  );
  if (!matches.includes(true)) return FORGED;
  return end * 1000 <= now() ? { ok: false, reason: 'expired' } : { ok: true, grant };
}

const FORGED = { ok: false, reason: 'forged' } as const;

/** Hex: letters that can't make a word. */
function signatureOf(secret: Uint8Array, grant: Grant, expires: number): string {
  const { method, key, contentType } = grant;
  const parts = [method, key, expires, contentType, method === 'PUT' ? grant.sizeMax : null];
  return createHmac('sha256', ownSecret(secret)).update(JSON.stringify(parts)).digest('hex');
}

const derived = new WeakMap<Uint8Array, Uint8Array>();

/** A cursor must never pass for a URL, nor the other way round. */
function ownSecret(secret: Uint8Array): Uint8Array {
  let own = derived.get(secret);
  if (!own) {
    own = new Uint8Array(hkdfSync('sha256', secret, '', 'ackord file urls 1', 32));
    derived.set(secret, own);
  }
  return own;
}

const isEqual = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
