/** The port `CheckpointTable` on PostgreSQL. */
import { isWellFormedText, LIMITS } from '@ackord/core';
import type {
  Checkpoint,
  CheckpointFault,
  CheckpointTable,
  CheckpointType,
} from '../engine/checkpoint-ports.ts';
import type { Database } from './database.ts';
import { inNamedScopes } from './in-named-scopes.ts';
import {
  insertCheckpoint,
  invalidateCheckpoint,
  pruneCheckpoints,
  readCheckpoints,
} from './statements/models/checkpoints.ts';

interface Row {
  readonly scope_id: string;
  readonly id: string;
  readonly domain: string;
  readonly checkpoint_type: CheckpointType;
  readonly seq: number;
  readonly epoch: number;
  readonly created_at: number;
  readonly created_by: string;
  readonly last_sync_time: number;
  readonly entity_counts: Checkpoint['counts'];
  readonly data_checksums: Checkpoint['checksums'];
  readonly is_valid: boolean;
  readonly validation_errors: readonly CheckpointFault[] | null;
}

export function createCheckpointTable(database: Database): CheckpointTable {
  const read = (scope: string, limit: number, id: string | null): Promise<readonly Checkpoint[]> =>
    database.use((connection) =>
      inNamedScopes(connection, [scope], async (open) =>
        (await open.rows<Row>(readCheckpoints, [scope, limit, id])).map(checkpointOf),
      ),
    );
  return {
    add: (checkpoint) =>
      database.use((connection) =>
        inNamedScopes(connection, [checkpoint.scope], async (open) => {
          await open.count(insertCheckpoint, columnsOf(checkpoint));
          await open.count(pruneCheckpoints, [checkpoint.scope, LIMITS.checkpointsPerScopeMax]);
        }),
      ),
    list: (scope, limit) => read(scope, limit, null),
    async find(scope, id) {
      if (!isWellFormedText(id)) return null;
      return (await read(scope, 1, id))[0] ?? null;
    },
    invalidate: (scope, id, faults) =>
      database.use((connection) =>
        inNamedScopes(connection, [scope], async (open) => {
          await open.count(invalidateCheckpoint, [scope, id, JSON.stringify(faults)]);
        }),
      ),
  };
}

const columnsOf = (checkpoint: Checkpoint) => [
  checkpoint.scope,
  checkpoint.id,
  checkpoint.domain,
  checkpoint.type,
  checkpoint.seq,
  checkpoint.epoch,
  new Date(checkpoint.createdAt).toISOString(),
  checkpoint.createdBy,
  new Date(checkpoint.lastSyncTime).toISOString(),
  JSON.stringify(checkpoint.counts),
  JSON.stringify(checkpoint.checksums),
  checkpoint.isValid,
  checkpoint.faults.length > 0 ? JSON.stringify(checkpoint.faults) : null,
];

const checkpointOf = (row: Row): Checkpoint => ({
  id: row.id,
  scope: row.scope_id,
  domain: row.domain,
  type: row.checkpoint_type,
  seq: row.seq,
  epoch: row.epoch,
  createdAt: row.created_at,
  createdBy: row.created_by,
  lastSyncTime: row.last_sync_time,
  counts: row.entity_counts,
  checksums: row.data_checksums,
  isValid: row.is_valid,
  faults: row.validation_errors ?? [],
});
