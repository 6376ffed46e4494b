import { statement } from '../../statement.ts';

/**
 * In id order, as all locks are taken. Each row is looked for by itself: a join would be planned as a scan of the whole
 * table while that is small, and this plan is kept.
 */
const locking = (more: string): string => `
  SELECT locked.id
  FROM (SELECT id FROM unnest($1::text[]) AS asked (id) ORDER BY id COLLATE "C" OFFSET 0) AS wanted
  CROSS JOIN LATERAL (
    SELECT scope.id FROM scope WHERE scope.id = wanted.id LIMIT 1 FOR NO KEY UPDATE ${more}
  ) AS locked`;

/** Waits for each scope in id order. What it returns may be from before the wait: read in the next statement. */
export const lockScopes = statement('lock-scopes', locking(''));

/** Takes only scopes that nobody holds. */
export const tryLockScopes = statement('try-lock-scopes', locking('SKIP LOCKED'));
