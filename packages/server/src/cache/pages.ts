/**
 * Answers that are the same for everybody who may see a scope, kept under what they are made of: the scope, the epoch and
 * the head it stood at, the form of its records, the filter and the format. So nothing is ever invalidated: what has
 * moved has another name. Whether a caller may see the scope is for the caller of this to find out, every time.
 */
import { createHash, createHmac } from 'node:crypto';
import { contentFingerprint, type Registry, schemaHash } from '@ackord/core';
import type { CachedPages, PageName, Store } from '../engine/ports.ts';
import type { Cache } from './cache.ts';

export interface PagesOptions {
  readonly cache: Cache;
  readonly store: Pick<Store, 'epoch' | 'cursorKeys'>;
  readonly registry: Registry;
  readonly ttlSeconds: number;
}

export function createCachedPages({ cache, store, registry, ttlSeconds }: PagesOptions): CachedPages {
  const keyOf = cacheKeys(store, schemaOf(registry));
  return {
    get: (name) => cache.get(keyOf(name)),
    set: (name, bytes) => cache.set(keyOf(name), bytes, ttlSeconds),
  };
}

/** The form of all records of all domains, in a short text. */
export const schemaOf = (registry: Registry): string =>
  contentFingerprint(registry.domains.map((domain) => [domain.name, schemaHash(domain)]));

/**
 * The scope, which may hold any sign, stands last, so no two names share a key. Two databases never share one either,
 * although both begin with epoch 1: their secrets differ.
 */
export function cacheKeys(
  store: Pick<Store, 'epoch' | 'cursorKeys'>,
  schema: string,
): (name: PageName) => string {
  return ({ scope, head, filter, format }) =>
    ['ackord', 'page', databaseOf(store), store.epoch, schema, format, head, shortHash(filter), scope].join(
      ':',
    );
}

const databaseOf = ({ cursorKeys }: Pick<Store, 'cursorKeys'>): string =>
  createHmac('sha256', cursorKeys[0] ?? '')
    .update('ackord cache')
    .digest('hex')
    .slice(0, 16);

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
