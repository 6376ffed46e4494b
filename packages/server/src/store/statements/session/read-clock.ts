import { statement } from '../../statement.ts';

/** The database's clock in milliseconds since 1970; moves on within a transaction. */
export const readClock = statement(
  'read-clock',
  `SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`,
);
