/** The looks at the tables see what they are there to see: each fault is planted by hand once. */
import { randomUUID } from 'node:crypto';
import type { Engine } from '@ackord/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { change, deviceOf, travelEngine } from '../../support/engine.ts';
import { type OpenedStore, openPostgres } from '../../support/stores.ts';
import { faultsOf, faultsSeenBy, storedMemories, withClient } from './database-checks.ts';

let opened: OpenedStore;
let engine: Engine;
beforeAll(async () => {
  opened = await openPostgres();
  engine = travelEngine(opened.store);
  const device = deviceOf(engine);
  const [trip, kept, gone] = [randomUUID(), randomUUID(), randomUUID()];
  await device.send(change.trip(trip), change.memory(kept, trip), change.memory(gone, trip));
  await device.send(change.update('Memory', kept, 1, { title: 'Edited' }), change.remove('Memory', gone, 1));
  await device.send(change.tag(randomUUID(), 'Sea'));
});
afterAll(async () => {
  await engine.stop();
  await opened.close();
});

test('an honest database has none', async () => {
  expect(await faultsOf(opened.ownerUrl!)).toEqual([]);
  expect(await storedMemories(opened.ownerUrl!)).toMatchObject([{ title: 'Edited', version: 2 }]);
});

const LAST_LINE = `seq = (SELECT max(seq) FROM ackord.sync_log AS l WHERE l.scope_id = sync_log.scope_id)`;
const MEMORY = `type = 'travel.Memory' AND tombstone IS NULL`;

test.each([
  ['a line of the log is gone', 'the log has every seq', `DELETE FROM ackord.sync_log WHERE seq = 2`],
  ['a head is ahead', 'the log has every seq', `UPDATE ackord.scope SET head = head + 1`],
  [
    'a line was committed too early',
    'later seqs',
    `UPDATE ackord.sync_log SET at = 'epoch' WHERE ${LAST_LINE}`,
  ],
  [
    'a version was left out',
    'versions rise by one',
    `UPDATE ackord.record SET version = version + 1 WHERE ${MEMORY}`,
  ],
  ['a feed position is old', 'a record is fed', `UPDATE ackord.record SET seq = seq - 1 WHERE ${MEMORY}`],
  [
    'a change was done twice',
    'a change has one effect',
    `UPDATE ackord.sync_log SET change_id = 'same', id = 'same', type = 'same'`,
  ],
  ['a location is gone', 'every record is where', `DELETE FROM ackord.location WHERE type = 'travel.Tag'`],
  ['a digest is off by one', 'digests are the sums', `UPDATE ackord.digest SET low = low + 1`],
  ['a record is gone', 'digests are the sums', `DELETE FROM ackord.record WHERE type = 'travel.Tag'`],
])('%s', async (_, rule, statement) => {
  await withClient(opened.ownerUrl!, async (client) => {
    await client.query('BEGIN');
    await client.query(statement);
    expect((await faultsSeenBy(client)).join('\n')).toContain(`not so: ${rule}`);
    await client.query('ROLLBACK');
  });
  expect(await faultsOf(opened.ownerUrl!)).toEqual([]);
});
