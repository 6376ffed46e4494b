import { statement } from '../../statement.ts';

/**
 * Ends sessions of servers, like this one, that hold scopes and have waited for their server for $1 milliseconds in the
 * middle of a statement: to take its result, or to send the rest of it. That time no timeout of PostgreSQL bounds.
 */
export const endStuck = statement(
  'end-stuck',
  `
  SELECT pg_terminate_backend(session.pid) AS ended
  FROM pg_stat_activity AS session
  WHERE session.datname = current_database() AND session.usename = session_user
    AND session.application_name = current_setting('application_name') AND session.pid <> pg_backend_pid()
    AND session.state = 'active' AND session.wait_event_type = 'Client'
    AND session.xact_start < clock_timestamp() - $1 * interval '1 millisecond'
    AND EXISTS (
      SELECT FROM pg_locks AS held
      WHERE held.pid = session.pid AND held.relation = 'scope'::regclass AND held.mode = 'RowShareLock' AND held.granted
    )`,
);
