import { statement } from '../../statement.ts';

const text = `
  SELECT id FROM scope
  WHERE id = ANY ($1::text[])
  ORDER BY id COLLATE "C"
  FOR NO KEY UPDATE`;

/** Waits for each scope in id order. What it returns may be from before the wait: read in the next statement. */
export const lockScopes = statement('lock-scopes', text);

/** Takes only scopes that nobody holds. */
export const tryLockScopes = statement('try-lock-scopes', `${text} SKIP LOCKED`);
