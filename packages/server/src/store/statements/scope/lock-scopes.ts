import { statement } from '../../statement.ts';

/** In id order, as all locks are taken. */
const text = `
  SELECT scope.id
  FROM unnest($1::text[]) AS wanted (id)
  JOIN scope ON scope.id = wanted.id
  ORDER BY scope.id COLLATE "C"
  FOR NO KEY UPDATE OF scope`;

/** Waits for each scope in id order. What it returns may be from before the wait: read in the next statement. */
export const lockScopes = statement('lock-scopes', text);

/** Takes only scopes that nobody holds. */
export const tryLockScopes = statement('try-lock-scopes', `${text} SKIP LOCKED`);
