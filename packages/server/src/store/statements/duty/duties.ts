import { statement } from '../../statement.ts';

/**
 * $1: the duty, $2: who asks, $3: milliseconds. A row, if it is theirs now. Whoever finds it taken only reads. The time is
 * that of the statement's own work and not of its beginning: it may have waited for the row.
 */
export const holdDuty = statement(
  'hold-duty',
  `
  INSERT INTO duty (name, holder, ends_at)
  SELECT $1, $2, clock_timestamp() + $3 * interval '1 millisecond'
  WHERE NOT EXISTS (SELECT FROM duty WHERE name = $1 AND holder <> $2 AND ends_at > clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
  WHERE duty.holder = excluded.holder OR duty.ends_at <= clock_timestamp()
  RETURNING name`,
);

export const leaveDuty = statement('leave-duty', 'DELETE FROM duty WHERE name = $1 AND holder = $2');
