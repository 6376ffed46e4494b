import { statement } from '../../statement.ts';

/** $1: a JSON object with a member per scope that this transaction may touch; row-level security asks it. */
export const nameScopes = statement('name-scopes', `SELECT set_config('ackord.scopes', $1, true) AS named`);
