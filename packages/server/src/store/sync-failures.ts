/** What a device is told of its refused changes: written in one go, without waiting for the disk; read whole. */
import { type ErrorCode, LIMITS } from '@ackord/core';
import type { RefusedOfDevice, SyncFailure } from '../engine/ports.ts';
import type { Connection } from './connection.ts';
import { textArray } from './sql-arrays.ts';
import { nameScopesFiled } from './statements/failure/name-scopes-filed.ts';
import { pruneFailures } from './statements/failure/prune-failures.ts';
import { readFailures } from './statements/failure/read-failures.ts';
import { saveFailures } from './statements/failure/save-failures.ts';

interface FailureRow {
  readonly type: string;
  readonly id: string;
  readonly at: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly field: string | null;
  readonly version: number;
}

export async function keepFailures(
  connection: Connection,
  { userId, device, refused }: RefusedOfDevice,
): Promise<void> {
  if (refused.length === 0) return;
  const keys = [textArray(refused.map(({ type }) => type)), textArray(refused.map(({ id }) => id))];
  const texts = [
    textArray(refused.map(({ code }) => code)),
    textArray(refused.map(({ message }) => message)),
    textArray(refused.map(({ field }) => field)),
  ];
  await Promise.all([
    connection.command('BEGIN'),
    connection.command('SET LOCAL synchronous_commit = off'),
    connection.rows(nameScopesFiled, [userId, ...keys]),
    connection.count(saveFailures, [userId, ...keys, device, ...texts]),
    connection.count(pruneFailures, [userId, LIMITS.failuresPerUserMax]),
    connection.command('COMMIT'),
  ]);
}

export const failuresOf = (
  connection: Connection,
  userId: string,
  device: string,
): Promise<readonly SyncFailure[]> => connection.rows<FailureRow>(readFailures, [userId, device]);
