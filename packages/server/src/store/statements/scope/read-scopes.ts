import { statement } from '../../statement.ts';

export const readScopes = statement(
  'read-scopes',
  `
  SELECT id, head, horizon, created_at, closed_at
  FROM scope
  WHERE id = ANY ($1::text[])`,
);
