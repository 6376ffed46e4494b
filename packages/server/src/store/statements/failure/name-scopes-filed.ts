import { statement } from '../../statement.ts';
import { FILED, MAY_LOOK } from './filed.ts';

/** Names, for row-level security, the scopes in which $2 types, $3 ids are filed and where the user $1 may look. */
export const nameScopesFiled = statement(
  'name-scopes-filed',
  `
  SELECT set_config('ackord.scopes', coalesce(json_object_agg(found.scope_id, 0)::text, '{}'), true) AS named
  FROM (
    SELECT DISTINCT filed.scope_id
    FROM unnest($2::text[], $3::text[]) AS sent (type, id)${FILED}
    WHERE ${MAY_LOOK}
  ) AS found`,
);
