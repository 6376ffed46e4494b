/** What the cursors of a database are signed with, by the hash of the platform, which is faster than a portable one. */
import { createHmac } from 'node:crypto';
import type { CursorKey } from '@ackord/core';
import type { Store } from './ports.ts';

const hmacSha256 = (secret: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac('sha256', secret).update(bytes).digest();

export const cursorKeysOf = ({ cursorKeys }: Pick<Store, 'cursorKeys'>): readonly CursorKey[] =>
  cursorKeys.map((secret) => ({ secret, hmacSha256 }));
