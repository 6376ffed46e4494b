/** People with different roles on one trip. */
import { type Ground, journalOf, share } from './ground.ts';

/** A trip with a viewer, an editor and somebody who has nothing to do with it. */
export async function sharedTrip(ground: Ground) {
  const [owner, editor, viewer, stranger] = [
    await ground.person(),
    await ground.person(),
    await ground.person(),
    await ground.person(),
  ];
  const rows = await journalOf(owner);
  await share(owner, rows.parent.id, viewer, 'READ');
  await share(owner, rows.parent.id, editor, 'WRITE');
  return { owner, editor, viewer, stranger, ...rows };
}
