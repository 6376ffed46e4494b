import { statement } from '../../statement.ts';

export const readBookmark = statement(
  'read-bookmark',
  'SELECT user_id, key, state FROM bookmark WHERE user_id = $1 AND key = $2',
);
