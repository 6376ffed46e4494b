import { statement } from '../../statement.ts';

/** $1: the moment, $2: rows at most, $3: scopes, where the rows lie in scopes. Each gives back how many rows it took. */

/** A page of all scopes after $1, by id. */
export const readScopePage = statement(
  'read-scope-page',
  'SELECT id FROM scope WHERE id > $1 ORDER BY id LIMIT $2',
);

/** A grave keeps type, id and version for ever, so that nothing is resurrected; what was in it goes. */
export const emptyGraves = statement(
  'empty-graves',
  `
  UPDATE record SET doc = '{}'
  FROM (
    SELECT scope_id, type, id FROM record
    WHERE scope_id = ANY($3::text[]) AND deleted_at IS NOT NULL AND deleted_at < $1 AND doc::text <> '{}'
    LIMIT $2
  ) AS old
  WHERE record.scope_id = old.scope_id AND record.type = old.type AND record.id = old.id`,
);

/** The log, and with it how far back a scope's history reaches. */
export const trimLog = statement(
  'trim-log',
  `
  WITH old AS (
    SELECT scope_id, seq FROM sync_log WHERE scope_id = ANY($3::text[]) AND at < $1 LIMIT $2
  ), trimmed AS (
    DELETE FROM sync_log USING old
    WHERE sync_log.scope_id = old.scope_id AND sync_log.seq = old.seq
    RETURNING sync_log.scope_id, sync_log.seq
  )
  UPDATE scope SET horizon = greatest(horizon, newest.seq)
  FROM (SELECT scope_id, max(seq) AS seq FROM trimmed GROUP BY scope_id) AS newest
  WHERE scope.id = newest.scope_id`,
);

export const trimReceipts = statement(
  'trim-receipts',
  `
  DELETE FROM receipt USING (SELECT actor_id, change_id FROM receipt WHERE created_at < $1 LIMIT $2) AS old
  WHERE receipt.actor_id = old.actor_id AND receipt.change_id = old.change_id`,
);

export const trimBookmarks = statement(
  'trim-bookmarks',
  `
  DELETE FROM bookmark USING (SELECT user_id, key FROM bookmark WHERE created_at < $1 LIMIT $2) AS old
  WHERE bookmark.user_id = old.user_id AND bookmark.key = old.key`,
);

export const trimFailures = statement(
  'trim-failures',
  `
  DELETE FROM sync_failure
  USING (SELECT actor_id, device_id, id, type FROM sync_failure WHERE at < $1 LIMIT $2) AS old
  WHERE sync_failure.actor_id = old.actor_id AND sync_failure.device_id = old.device_id
    AND sync_failure.id = old.id AND sync_failure.type = old.type`,
);

/** What waited so long is given up; its conflict keeps the payload. */
export const trimWaiting = statement(
  'trim-waiting',
  `
  DELETE FROM waiting_change USING (SELECT actor_id, id FROM waiting_change WHERE created_at < $1 LIMIT $2) AS old
  WHERE waiting_change.actor_id = old.actor_id AND waiting_change.id = old.id`,
);

/** Refused entries that are old, or more than $4 of a scope. */
export const trimRefusals = statement(
  'trim-refusals',
  `
  DELETE FROM sync_refusal USING (
    SELECT old.scope_id, old.entry_id
    FROM unnest($3::text[]) AS page (scope_id)
    CROSS JOIN LATERAL (
      (SELECT f.scope_id, f.entry_id FROM sync_refusal AS f WHERE f.scope_id = page.scope_id AND f.at < $1 LIMIT $2)
      UNION
      (SELECT f.scope_id, f.entry_id FROM sync_refusal AS f WHERE f.scope_id = page.scope_id
        ORDER BY f.at DESC, f.entry_id DESC OFFSET $4::bigint LIMIT $2)
    ) AS old
    LIMIT $2
  ) AS gone
  WHERE sync_refusal.scope_id = gone.scope_id AND sync_refusal.entry_id = gone.entry_id`,
);

export const trimSessions = statement(
  'trim-sessions',
  `
  DELETE FROM sync_metrics USING (
    SELECT old.tenant_id, old.id
    FROM unnest($3::text[]) AS page (scope_id)
    CROSS JOIN LATERAL (
      SELECT m.tenant_id, m.id FROM sync_metrics AS m WHERE m.tenant_id = substr(page.scope_id, 8) AND m.start_time < $1 LIMIT $2
    ) AS old
    WHERE page.scope_id LIKE 'tenant:%'
    LIMIT $2
  ) AS gone
  WHERE sync_metrics.tenant_id = gone.tenant_id AND sync_metrics.id = gone.id`,
);

/** A position whose history is gone can't be gone back to. */
export const trimCheckpoints = statement(
  'trim-checkpoints',
  `
  DELETE FROM checkpoint USING (
    SELECT scope_id, id FROM checkpoint WHERE scope_id = ANY($3::text[]) AND created_at < $1 LIMIT $2
  ) AS old
  WHERE checkpoint.scope_id = old.scope_id AND checkpoint.id = old.id`,
);

export const trimActs = statement(
  'trim-acts',
  `
  DELETE FROM sync_act USING (
    SELECT scope_id, id FROM sync_act WHERE scope_id = ANY($3::text[]) AND at < $1 LIMIT $2
  ) AS old
  WHERE sync_act.scope_id = old.scope_id AND sync_act.id = old.id`,
);
