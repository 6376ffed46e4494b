/**
 * Two phones with the app in the field and two newer apps, of two people who share trips, edit the same records in
 * random order. When all is quiet again, everybody has what the server has, and the observer has found nothing.
 */
import type { Ground, Loose } from '../../gaps/ground.ts';
import { share, unshare } from '../../gaps/ground.ts';
import { LIST_NAMES } from '../documents.ts';
import { type Phone, signIn, signUp } from '../phone.ts';
import { BulkClient } from './bulk-client.ts';
import { type Chance, chanceOf } from './chance.ts';
import { editBulk, editOld } from './habits.ts';
import { Line } from './line.ts';
import { Observer } from './observer.ts';
import { OldClient } from './old-client.ts';
import { keptOf, OLD_TYPES, parentIdOf } from './old-types.ts';

const LOSS_PERCENT = 5;
const HOUR_MS = 3_600_000;
const CLOCKS_MS = [0, 0, -2 * HOUR_MS, 2 * HOUR_MS];
const QUIET_ROUNDS_MAX = 8;

export interface Report {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
}

class World {
  readonly ground: Ground;
  readonly chance: Chance;
  readonly observer: Observer;
  readonly line: Line;
  readonly anna: Phone;
  readonly bob: Phone;
  readonly old: readonly OldClient[];
  readonly bulk: readonly BulkClient[];

  constructor(ground: Ground, seed: number, anna: Phone, bob: Phone) {
    this.ground = ground;
    this.chance = chanceOf(seed);
    this.observer = new Observer(ground);
    this.line = new Line(this.chance, this.observer, 0);
    this.anna = anna;
    this.bob = bob;
    const clock = () => this.chance.one(CLOCKS_MS) ?? 0;
    this.old = ['phone', 'old tablet'].map((name) => new OldClient(name, anna, this, clock()));
    this.bulk = [new BulkClient('laptop', anna.bulk(), this), new BulkClient('friend', bob.bulk(), this)];
  }

  get all(): readonly (OldClient | BulkClient)[] {
    return [...this.old, ...this.bulk];
  }
}

/** Runs until `steps` are made, or `isEnough` says so. */
export async function run(ground: Ground, seed: number, steps: number): Promise<Report> {
  const world = new World(ground, seed, await signUp(ground), await signUp(ground));
  await begin(world);
  world.line.lossPercent = LOSS_PERCENT;
  for (let made = 0; made < steps && world.observer.faults.length === 0; made += 1) await step(world);
  world.line.lossPercent = 0;
  const { faults } = world.observer;
  if (faults.length === 0) {
    await settle(world);
    for (const client of world.old) faults.push(...(await compareOld(world, client)));
    for (const client of world.bulk) faults.push(...(await compareBulk(client)));
    for (const phone of [world.anna, world.bob]) faults.push(...(await compareConflicts(world, phone)));
  }
  return { seed, faults, figures: figuresOf(world) };
}

async function begin(world: World): Promise<void> {
  const { old, all } = world;
  await world.observer.begin();
  for (const client of old) await client.signIn();
  const [phone] = old;
  if (!phone) throw new Error('No phone');
  for (const name of ['First', 'Second']) {
    const trip = phone.store.add(
      'trips',
      {
        name,
        startDate: '2024-05-01T12:00:00.000Z',
        isActive: true,
        totalDistance: 0,
        gpsTrackingEnabled: true,
      },
      null,
    );
    phone.store.add(
      'memories',
      { title: `${name} memory`, latitude: 0, longitude: 0, timestamp: '2024-05-01T12:00:00.000Z' },
      trip,
    );
  }
  await phone.cycle();
  for (const { id } of phone.rows.filter(({ list }) => list === 'trips'))
    await share(world.anna.bulk(), id ?? '', world.bob, 'WRITE');
  for (const client of all) await client.cycle();
}

async function step(world: World): Promise<void> {
  const { chance } = world;
  const client = chance.one(world.all);
  if (!client) throw new Error('Nobody is there');
  const dice = chance.number(100);
  if (dice < 70) return client instanceof OldClient ? editOld(client, chance) : editBulk(client, chance);
  if (dice < 96) return client.cycle();
  if (dice < 98) return client instanceof OldClient ? client.signIn() : undefined;
  return changeSharing(world);
}

async function changeSharing({ anna, bob, chance, bulk: [laptop] }: World): Promise<void> {
  const trip = chance.one(laptop?.recordsOf('Trip') ?? []);
  if (!trip) return;
  // It may be deleted by now: then that is refused.
  const work = chance.percent(80)
    ? share(anna.bulk(), trip.id, bob, 'WRITE')
    : unshare(anna.bulk(), trip.id, bob);
  await work.catch(() => undefined);
}

/** Everybody in turn, until nobody has anything to say; and once more, to hear the last of it. */
async function settle(world: World): Promise<void> {
  for (let round = 0; round < QUIET_ROUNDS_MAX; round += 1) {
    for (const client of world.all) await client.cycle();
    if (round > 1 && world.all.every(({ isQuiet }) => isQuiet)) break;
  }
  for (const client of world.all) await client.cycle();
}

async function compareOld({ ground, anna }: World, client: OldClient): Promise<string[]> {
  const truth = await (await signIn(ground, anna)).sync();
  const faults: string[] = [];
  for (const list of LIST_NAMES) {
    const server = new Map<string, Loose>(truth[list].map((row: Loose) => [row.id, row]));
    const rows = client.rows.filter((row) => row.list === list && row.id !== null);
    const own = new Set(rows.map(({ id }) => id));
    for (const id of server.keys()) {
      if (!own.has(id) && !client.forgotten.has(id)) faults.push(`${client.name} lacks ${list} ${id}`);
    }
    for (const row of rows) {
      const there = server.get(row.id ?? '');
      if (!there) faults.push(`${client.name} has ${list} ${row.id}, and the server has not`);
      else if (!row.needsUpload && !row.missed) {
        const kept = keptOf(list, there);
        const differing = Object.keys(OLD_TYPES[list].inputs).filter(
          (name) =>
            !row.cleared.has(name) && JSON.stringify(row.fields[name] ?? null) !== JSON.stringify(kept[name]),
        );
        // A link may lead nowhere at one time and somewhere at another, without the tag being fed again.
        const isLost = list === 'tags' && (row.parent === null || there.categoryId === null);
        const isElsewhere = !isLost && (row.parent?.id ?? null) !== parentIdOf(list, there);
        for (const name of differing)
          faults.push(
            `${client.name}: ${list} ${row.id}: ${name} is ${JSON.stringify(row.fields[name])} here and ${JSON.stringify(kept[name])} there; stamps ${new Date(row.updatedAt).toISOString()} ${there.updatedAt}`,
          );
        if (isElsewhere)
          faults.push(
            `${client.name}: ${list} ${row.id}: parent ${row.parent?.id} here, ${parentIdOf(list, there)} there`,
          );
      }
    }
  }
  return faults;
}

async function compareBulk(client: BulkClient): Promise<string[]> {
  const { person } = client;
  const page = await person.on(`look ${Math.random()}`).pull();
  const truth = new Map<string, Loose>(
    LIST_NAMES.flatMap((list) => page[list].map((row: Loose) => [`${list}/${row.id}`, row])),
  );
  return [...new Set([...truth.keys(), ...client.records.keys()])].flatMap((key) => {
    const [there, here] = [truth.get(key), client.records.get(key)];
    const [told, kept] = [bareText(there, here), bareText(here, there)];
    return told === kept ? [] : [`${client.name}: ${key}: ${kept} here, ${told} there`];
  });
}

/** What leads nowhere is shown as null, or left out: at one time that may be so, and at another not. */
const LINKS = ['memoryId', 'categoryId', 'bucketListItemId', 'gpxTrackId', 'tagIds', 'relatedTagIds'];

/** Without the state of the asking device, and without links where one of both sees them dangle. */
function bareText(row: Loose, other: Loose): string | null {
  if (!row) return null;
  const dangling = LINKS.filter(
    (name) => Array.isArray(row[name]) || row[name] === null || other?.[name] === null,
  );
  const left = ['lastSyncAttempt', 'syncErrorMessage', 'syncStatus', ...dangling];
  return JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => !left.includes(name))));
}

const LISTED_MAX = 500;

/** What is in the journal for somebody is what that one is told. */
async function compareConflicts({ ground }: World, phone: Phone): Promise<string[]> {
  const kept = await ground.sql(
    `SELECT c.id FROM sync_conflict AS c
     WHERE c.type = $2 AND (c.scope_id = $3 OR EXISTS (SELECT FROM member AS m WHERE m.scope_id = c.scope_id AND m.user_id = $1 AND m.revoked_at IS NULL))
       AND ((c.actor_id = $1 AND (c.status = 'pending' OR (c.status = 'resolved' AND c.winner IN ('server', 'mixed'))))
         OR (c.rival_id = $1 AND c.status = 'resolved' AND c.winner IN ('client', 'mixed')))`,
    [phone.userId, 'travel.Trip', `user:${phone.userId}`],
  );
  const text = `{ getConflicts(entityType: "Trip", limit: ${LISTED_MAX}) { id } }`;
  const { getConflicts: listed } = await phone.bulk().data(text);
  const known = new Set(listed.map(({ id }: Loose) => id));
  if (listed.length === LISTED_MAX) return [];
  return kept
    .filter(({ id }) => !known.has(id))
    .map(({ id }) => `conflict ${id} is kept, and not told to its loser`);
}

function figuresOf({ old, bulk, line, observer }: World) {
  const sum = (parts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
    const whole: Record<string, number> = {};
    for (const part of parts)
      for (const [name, value] of Object.entries(part)) whole[name] = (whole[name] ?? 0) + value;
    return whole;
  };
  return {
    ...line.figures,
    ...observer.figures,
    records: observer.records.size,
    old: sum(old.map(({ figures }) => figures)),
    bulk: sum(bulk.map(({ figures }) => figures)),
    notCompared: old.flatMap(({ rows }) => rows.filter(({ missed, needsUpload }) => missed || needsUpload))
      .length,
  };
}
