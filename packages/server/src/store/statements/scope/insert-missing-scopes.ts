import { statement } from '../../statement.ts';

/** In id order, as all locks are taken, so that two servers which make the same scopes can't deadlock. */
export const insertMissingScopes = statement(
  'insert-missing-scopes',
  `
  INSERT INTO scope (id)
  SELECT missing.id FROM unnest($1::text[]) AS missing (id)
  ORDER BY missing.id COLLATE "C"
  ON CONFLICT (id) DO NOTHING`,
);
