/**
 * Three devices of one tenant with the app in the field, wrong clocks, and connections that break at the worst moments,
 * edit the same records. Then it is quiet: all queues are empty, all three have what the server has, and nothing is lost.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '@ackord/core';
import { LIST_KEYS, TYPE_NAMES } from '@ackord/finance';
import { type Chance, chanceOf } from '../../legacy/apps/chance.ts';
import type { FinanceGround, Loose } from '../ground.ts';
import { Device } from './device.ts';
import { payloadOf, stampOf } from './entities.ts';
import { type History, readHistory } from './history.ts';
import { type Finding, Judge, nameOf } from './judge.ts';
import { Link } from './link.ts';
import { editSomething } from './people.ts';
import { DeviceClock, scaled } from './rhythm.ts';

const DAY_MS = 24 * 3_600_000;
const QUIET_MS_MAX = 30_000;
/** All that is under way has been told by then: looks at heads, questions of sockets, waits for company. */
const EQUAL_MS_MAX = 6_000;
const TOLD_MAX = 5;
const TRACE_LINES_MAX = 14;

/** Of a server for such runs: what it takes for granted of the times of apps goes by their rhythm here. */
export const APPS_OPTIONS = { seenMarginMs: scaled(LIMITS.socketSeenMarginMs) };

export interface Report {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, unknown>>;
}

interface World {
  readonly ground: FinanceGround;
  readonly chance: Chance;
  readonly tenantId: string;
  readonly elsewhere: string;
  readonly devices: readonly Device[];
  readonly faults: string[];
}

/** Makes so many edits. `equalMsMax`: how long the devices have, once their queues are empty, to become equal. */
export async function run(
  ground: FinanceGround,
  seed: number,
  edits: number,
  equalMsMax = EQUAL_MS_MAX,
): Promise<Report> {
  const chance = chanceOf(seed);
  const faults: string[] = [];
  const tenantId = randomUUID();
  const clocks = [
    new DeviceClock(DAY_MS, 1),
    new DeviceClock(-DAY_MS, 1),
    new DeviceClock(0, 1 + driftOf(chance)),
  ];
  const devices: Device[] = [];
  for (const [at, clock] of clocks.entries()) {
    const link = await Link.start(ground.url, chance);
    const name = ['fast', 'slow', 'drifting'][at] ?? '';
    devices.push(new Device(name, tenantId, clock, link, chance, (fault) => faults.push(fault)));
  }
  const world: World = { ground, chance, tenantId, elsewhere: randomUUID(), devices, faults };
  try {
    for (const device of devices) {
      device.createUntold();
      device.client.start();
    }
    const made = (): number => devices.reduce((sum, { edits: own }) => sum + own.length, 0);
    while (made() < edits && faults.length === 0) await step(world);
    await settle(world, equalMsMax);
    return { seed, faults: faults.slice(0, 2 * TOLD_MAX), figures: figuresOf(world) };
  } finally {
    for (const { client } of devices) client.stop();
    await Promise.all(devices.map(({ link }) => link.close()));
  }
}

/** Of clocks of quartz; a bad one. */
const driftOf = (chance: Chance): number => (chance.number(3) - 1) * 0.001;

/** People work in bursts; now and then something breaks. */
async function step({ chance, devices, elsewhere, tenantId }: World): Promise<void> {
  const device = chance.one(devices);
  if (!device) return;
  const dice = chance.number(1_000);
  if (dice < 30) device.link.cut();
  else if (dice < 60) device.link.cutAtAnswer();
  else if (dice < 80)
    device.link.fallSilent(
      chance.one(['up', 'down', 'both']) ?? 'both',
      chance.number(900),
      chance.number(1_800),
    );
  else if (dice < 100) {
    device.link.isDown = !device.link.isDown;
    if (device.link.isDown) device.link.cut();
  } else if (dice < 115) device.client.switchTo(device.client.isAway ? tenantId : elsewhere);
  else if (!device.client.isAway)
    for (let left = 1 + chance.number(3); left > 0; left -= 1) editSomething(device, chance);
  await pause(chance.number(40));
}

async function settle(world: World, equalMsMax: number): Promise<void> {
  const { ground, devices, faults, tenantId } = world;
  for (const { link, client } of devices) {
    link.heal();
    if (client.isAway) client.switchTo(tenantId);
  }
  const isQuiet = await until(QUIET_MS_MAX, async () => devices.every(({ client }) => client.isQuiet));
  if (!isQuiet)
    faults.push(
      ...devices.map(({ name, queue }) => `${name} is not quiet: ${queue.size} entries in its queue`),
    );
  const observer = await ground.app(tenantId);
  let differences: Finding[] = [];
  await until(equalMsMax, async () => {
    differences = await differencesOf(world);
    return differences.length === 0;
  });
  const history = await readHistory(ground, tenantId);
  const edits = devices.flatMap((device) => device.edits);
  const judge = new Judge(edits, history);
  const findings = [...differences, ...judge.findings()];
  for (const { key, text } of findings.slice(0, TOLD_MAX)) faults.push(`${key}: ${text}`);
  const [first] = findings;
  if (first) faults.push(traceOf(world, history, first.key));
  observer.send({ type: 'get_sync_queue_status' });
  const queue = await observer.next(({ type }) => type === 'sync_queue_status_info');
  if (queue.pending_count + queue.failed_count + queue.retryable_count > 0)
    faults.push(`the server's queue is not empty: ${JSON.stringify(queue)}`);
  await observer.close();
  verdicts.set(world, judge.figures);
}

const verdicts = new WeakMap<World, Judge['figures']>();

async function until(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + milliseconds; performance.now() < end; await pause(50))
    if (await isSo()) return true;
  return false;
}

/** What each device keeps, against what a new one would be given. */
async function differencesOf({ ground, tenantId, devices }: World): Promise<Finding[]> {
  const observer = await ground.app(tenantId);
  observer.send({ type: 'request_initial_data', tenant_id: tenantId });
  const { payload } = await observer.next(({ type }) => type === 'initial_data_load');
  await observer.close();
  return devices.flatMap((device) =>
    TYPE_NAMES.flatMap((type) => differencesIn(device, type, payload[LIST_KEYS[type]])),
  );
}

function differencesIn(device: Device, type: (typeof TYPE_NAMES)[number], list: readonly Loose[]): Finding[] {
  const own = new Map(device.store.all(type).map((entity) => [entity.id, entity]));
  const told = device.edits.filter((edit) => edit.type === type).map(({ id }) => id);
  const findings: Finding[] = [];
  const tell = (id: string, text: string) =>
    findings.push({ key: `${type} ${id}`, text: `${device.name} ${text}` });
  for (const there of list) {
    const here = own.get(there.id);
    own.delete(there.id);
    if (!here) {
      tell(there.id, 'lacks it');
      continue;
    }
    const wire: Loose = { ...payloadOf(type, here), updated_at: stampOf(here) };
    for (const field of Object.keys(there)) {
      // Every device reckons it anew.
      if (field === 'runningBalance' || field === 'updatedAt') continue;
      const [a, b] = [JSON.stringify(wire[field] ?? null), JSON.stringify(there[field])];
      if (a !== b) tell(there.id, `has ${field} ${a}, the server ${b}`);
    }
  }
  // What a device made for itself and never told of is nobody's business.
  for (const { id, sortOrder } of own.values())
    if (sortOrder !== 9999 || told.includes(id)) tell(id, 'has it, the server has not');
  return findings;
}

/** The last of what happened to a record: by the people, and by the server. */
function traceOf({ devices }: World, { records, conflicts }: History, key: string): string {
  const edits = devices.flatMap((device) => device.edits).filter(({ type, id }) => `${type} ${id}` === key);
  const names = new Map(edits.map((edit) => [edit.entryId, nameOf(edit)]));
  const record = records.get(key);
  const lines = [
    ...edits.map(
      (edit) =>
        `  ${nameOf(edit)}, ${new Date(edit.madeAt).toISOString()}: ${JSON.stringify(edit.values)} ${stampOf(edit.payload) ?? ''}`,
    ),
    ...(record?.steps ?? []).map(
      (one) => `  ${one.seq}: v${one.version} ${one.operation} by ${names.get(one.entryId)}`,
    ),
    ...(conflicts.get(key) ?? []).map(
      ({ entryId, conflictType, winner, fields }) =>
        `  ${conflictType} of ${names.get(entryId)}: ${winner} ${fields}`,
    ),
  ];
  const title = `about ${key}, ${record?.isDeleted ? 'deleted' : 'live'}, editedAt ${record?.fields.editedAt}:`;
  return [title, ...lines.slice(-TRACE_LINES_MAX)].join('\n');
}

function figuresOf(world: World) {
  const { devices } = world;
  const sum = (parts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
    const whole: Record<string, number> = {};
    for (const part of parts)
      for (const [name, value] of Object.entries(part)) whole[name] = (whole[name] ?? 0) + value;
    return whole;
  };
  return {
    edits: devices.reduce((total, { edits }) => total + edits.length, 0),
    ...verdicts.get(world),
    ...sum(devices.map(({ client }) => client.figures)),
    ...sum(devices.map(({ link }) => link.figures)),
    liveSockets: devices.map(({ client }) => client.liveSockets),
  };
}
