/** I4 and I5 on replicas: at rest they equal the server, and at every page they hold all that their cursor has passed. */
import {
  emptyDigest,
  equalDigests,
  equalJson,
  formatDigest,
  type RecordState,
  readCursor,
} from '@ackord/core';
import type { Page } from '@ackord/server';
import { keyOf } from '../replica.ts';
import type { SimulatedDevice } from '../simulated-device.ts';
import { liveIn, type Truth, typesOf } from '../truth.ts';
import { holds } from '../violation.ts';
import type { World } from '../world.ts';

/** At rest: record for record, and by digest as clients compare it. */
export async function checkReplicas(world: World, truth: Truth): Promise<void> {
  for (const device of world.devices) {
    const actor = { userId: device.user };
    const scopes = new Set((await world.engine.scopes(actor)).keys());
    for (const record of liveIn(truth, scopes)) requireEqual('I4', device, record);
    const known = new Set(liveIn(truth, scopes).map(keyOf));
    for (const [key, held] of device.replica.records)
      holds('I4', known.has(key), 'a replica has what the server has not', () => ({
        device: device.name,
        held,
      }));
    await checkDigests(world, device, scopes);
  }
}

async function checkDigests(
  world: World,
  device: SimulatedDevice,
  scopes: ReadonlySet<string>,
): Promise<void> {
  const digests = await world.engine.digests({ userId: device.user });
  for (const scope of scopes) {
    for (const type of typesOf(world.ground.registry)) {
      const theirs = digests.find((one) => one.scope === scope && one.type === type)?.digest ?? emptyDigest;
      const mine = device.replica.digest(scope, type);
      holds('I4', equalDigests(mine, theirs), 'the digests of replica and server differ', () => ({
        scope,
        type,
        mine: formatDigest(mine),
        theirs: formatDigest(theirs),
      }));
    }
  }
}

function requireEqual(invariant: 'I4' | 'I5', device: SimulatedDevice, record: RecordState): void {
  const held = device.replica.records.get(keyOf(record));
  const equal =
    held !== undefined &&
    held.version === record.version &&
    held.scope === record.scope &&
    equalJson(held.fields, record.fields);
  const said =
    invariant === 'I4' ? 'a replica differs from the server' : 'the cursor has passed what the replica lacks';
  holds(invariant, equal, said, () => ({ device: device.name, cursor: device.cursor, held, record }));
}

/** How far each scope is read by a cursor. */
function positionsIn(world: World, cursor: string | null): ReadonlyMap<string, number> {
  const keys = world.ground.store.cursorKeys.map((secret) => ({ secret }));
  const reading = cursor === null ? null : readCursor(cursor, keys);
  return new Map(reading?.ok ? Object.entries(reading.state.positions) : []);
}

/** What must hold after each page that a device has applied. */
export async function checkPage(
  world: World,
  device: SimulatedDevice,
  page: Page,
  before: string | null,
): Promise<void> {
  checkForward(world, device, page, before);
  await checkParents(world, device, page);
  await checkPassed(world, device);
}

/** A cursor never goes back, but where it was useless or access has ended. */
export function checkForward(world: World, device: SimulatedDevice, page: Page, before: string | null): void {
  if (page.fullResync) return;
  const after = positionsIn(world, device.cursor);
  for (const [scope, position] of positionsIn(world, before)) {
    if (!page.roles.has(scope)) continue;
    holds('I5', (after.get(scope) ?? 0) >= position, 'a cursor went back', () => ({
      scope,
      position,
      after,
    }));
  }
}

/** I9: whatever page came last, and wherever it was cut, no child is there without its parent. */
export async function checkParents(world: World, device: SimulatedDevice, page: Page): Promise<void> {
  const orphans = device.replica.orphans();
  if (orphans.length === 0) return;
  const places = [...new Set(orphans.map(({ scope }) => scope))];
  const records = await world.ground.store.snapshot((snapshot) => snapshot.records(places, orphans));
  for (const held of orphans) {
    // Until the run of pages is through, what moved to another scope, or was deleted, may still stand where it was.
    const isLive = records.some((record) => keyOf(record) === keyOf(held) && record.tombstone === null);
    const isUnderWay = !page.consistent && !isLive;
    holds('I9', isUnderWay, 'a child is there without its parent', () => ({ device: device.name, held }));
  }
}

/** A client whose cursor is at n holds the effect of all up to n. */
async function checkPassed(world: World, device: SimulatedDevice): Promise<void> {
  const { store } = world.ground;
  const positions = [...positionsIn(world, device.cursor)].filter(
    ([scope]) => !device.replica.lost.has(scope),
  );
  const mine = new Set((await world.engine.scopes({ userId: device.user })).keys());
  const scopes = positions
    .filter(([scope]) => mine.has(scope))
    .map(([scope, upTo]) => ({ scope, after: 0, upTo, createdUntil: null }));
  const query = { scopes, types: typesOf(world.ground.registry), priority: 0, limit: 5_000 } as const;
  const { rows } = await store.snapshot((snapshot) => snapshot.feed(query));
  for (const record of rows) {
    if (record.tombstone === null) requireEqual('I5', device, record);
    else if (record.tombstone.kind === 'deleted') requireGone(device, record);
  }
}

function requireGone(device: SimulatedDevice, record: RecordState): void {
  const held = device.replica.records.get(keyOf(record));
  holds('I5', held === undefined, 'the cursor has passed a deletion that the replica lacks', () => ({
    held,
    record,
  }));
}
