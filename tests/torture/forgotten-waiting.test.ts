/**
 * Children that come before their parents wait, and are decided when the parent has come; also when the server is killed
 * between the parent's commit and that, or is cut from its database; and once only, however many servers think of it.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseFailure, type Engine, type Store } from '@ackord/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { change, type Device, deviceOf, travelEngine } from '../support/engine.ts';
import { type OpenedStore, openPostgres } from '../support/stores.ts';
import { until } from './support/conditions.ts';
import { faultsOf, storedMemories, withClient } from './support/database-checks.ts';

let opened: OpenedStore;
const engines: Engine[] = [];
beforeEach(async () => {
  opened = await openPostgres();
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop();
  expect(await faultsOf(opened.ownerUrl!)).toEqual([]);
  await opened.close();
});

function engineOn(store: Store): Engine {
  const engine = travelEngine(store);
  engines.push(engine);
  return engine;
}

/** A server that never gets to look for what waits. */
const forgetful = (store: Store): Store => {
  const fail = () => Promise.reject(new DatabaseFailure('unavailable', 'killed'));
  return Object.create(store, { waitingFor: { value: fail }, awaitedParents: { value: fail } }) as Store;
};

const titles = async (): Promise<string[]> =>
  (await storedMemories(opened.ownerUrl!)).map(({ title }) => title).sort();

const waits = (): Promise<number> =>
  withClient(opened.ownerUrl!, async (client) => {
    const { rows } = await client.query('SELECT count(*)::int AS waits FROM ackord.waiting_change');
    return rows[0].waits;
  });

/** Ten memories of a trip that comes after them. */
async function childrenFirst(device: Device): Promise<string> {
  const trip = randomUUID();
  for (let at = 0; at < 10; at++) {
    const receipt = await device.one(change.memory(randomUUID(), trip, { title: `Memory ${at}` }));
    expect(receipt).toMatchObject({ status: 'conflict', conflict: { conflictType: 'DEPENDENCY_CONFLICT' } });
  }
  expect(await device.one(change.trip(trip))).toMatchObject({ status: 'applied' });
  return trip;
}

const ALL = Array.from({ length: 10 }, (_, at) => `Memory ${at}`);

test('forgotten by a server that was killed, remembered by the next one', async () => {
  await childrenFirst(deviceOf(engineOn(forgetful(opened.store))));
  expect(await titles()).toEqual([]);
  engineOn(opened.store);
  await until('all are decided', async () => (await waits()) === 0);
  expect(await titles()).toEqual(ALL);
});

test('what nobody may see is left to wait', async () => {
  const forgetting = engineOn(forgetful(opened.store));
  const [owner, stranger] = [deviceOf(forgetting), deviceOf(forgetting)];
  const trip = await childrenFirst(owner);
  await stranger.one(change.memory(randomUUID(), trip, { title: 'Not mine' }));
  engineOn(opened.store);
  await until('all but one are decided', async () => (await waits()) === 1);
  expect(await titles()).toEqual(ALL);
});

test('several servers remember it at once: decided once, and an edit in between stays', async () => {
  const device = deviceOf(engineOn(forgetful(opened.store)));
  const trip = await childrenFirst(device);
  // Both have read what waits before either of them decides.
  let read = 0;
  let together = (): void => {};
  const bothHaveRead = new Promise<void>((resolve) => {
    together = resolve;
  });
  const slow = (wait: () => Promise<void>): Store => {
    const waitingFor: Store['waitingFor'] = async (parents) => {
      const waiting = await opened.store.waitingFor(parents);
      if (++read === 2) together();
      await wait();
      return waiting;
    };
    return Object.create(opened.store, { waitingFor: { value: waitingFor } }) as Store;
  };
  let letGo = (): void => {};
  const late = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  engineOn(slow(() => bothHaveRead));
  const second = engineOn(slow(() => late));
  await until('all are decided', async () => (await waits()) === 0);
  const editor = deviceOf(engineOn(opened.store), device.userId);
  for (const { id } of await storedMemories(opened.ownerUrl!))
    expect(await editor.one(change.update('Memory', id, 1, { title: 'Edited' }))).toMatchObject({
      version: 2,
    });
  letGo();
  await second.stop();
  expect(await titles()).toEqual(ALL.map(() => 'Edited'));
  const conflicts = await withClient(opened.ownerUrl!, (client) =>
    client.query(`SELECT DISTINCT body->>'conflictType' AS type, status FROM ackord.sync_conflict`),
  );
  expect(conflicts.rows).toEqual([{ type: 'DEPENDENCY_CONFLICT', status: 'resolved' }]);
  expect(await editor.one(change.update('Trip', trip, 1, { name: 'Normandy' }))).toMatchObject({
    version: 2,
  });
});
