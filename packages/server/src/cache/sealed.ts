/** Bytes with a sum in front, over them and the key they lie under, that only servers of one database can make. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const SUM_BYTES = 16;

export const sealed = (secret: Uint8Array, key: string, value: Uint8Array): Buffer =>
  Buffer.concat([sumOf(secret, key, value), value]);

/** The bytes alone, in memory of their own: what a client gives out may be a part of something large. null: not ours. */
export function opened(secret: Uint8Array, key: string, stored: Uint8Array): Uint8Array | null {
  if (stored.byteLength < SUM_BYTES) return null;
  const value = new Uint8Array(stored.subarray(SUM_BYTES));
  return timingSafeEqual(sumOf(secret, key, value), stored.subarray(0, SUM_BYTES)) ? value : null;
}

const sumOf = (secret: Uint8Array, key: string, value: Uint8Array): Uint8Array =>
  createHmac('sha256', secret).update(`${key}\0`).update(value).digest().subarray(0, SUM_BYTES);
