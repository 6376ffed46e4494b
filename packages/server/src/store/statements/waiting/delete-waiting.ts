import { statement } from '../../statement.ts';

export const deleteWaiting = statement(
  'delete-waiting',
  'DELETE FROM waiting_change WHERE id = ANY ($1::text[])',
);
