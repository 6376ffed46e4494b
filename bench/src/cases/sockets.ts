/**
 * 10,000 sockets of 500 people on one server: all of them opened, all live, one change that everybody hears of, then one
 * change from each. Everybody is a member of one trip and has one alone. SOCKETS sets another number.
 */
import { randomUUID } from 'node:crypto';
import { startIdentityProvider } from '../identity.ts';
import { NativeClient } from '../native-client.ts';
import { memoryOf, tripOf } from '../peers/ackord.ts';
import { type Result, resultOf } from '../result.ts';
import { askAs, type BenchServer, startServer } from '../server.ts';
import { newRecord } from '../side-by-side/records.ts';

const SOCKETS = Number(process.env.SOCKETS ?? 10_000);
const EACH = 20;
const PEOPLE = Math.max(1, Math.round(SOCKETS / EACH));
const COUNT = PEOPLE * EACH;
const AT_ONCE = 200;
const ROUNDS = 10;
/** Between two changes that all hear of: it is measured how soon one arrives. */
const PAUSE_MS = 500;
const GOAL = 'memory ≤ 300 MB';
const SHARE =
  'mutation($t: ID!, $e: String!) { shareTrip(tripId: $t, email: $e, permission: READ) { role } }';

interface Person {
  readonly token: string;
  readonly email: string;
  readonly tripId: string;
}

interface Device {
  readonly person: Person;
  readonly client: NativeClient;
}

export async function sockets(): Promise<Result[]> {
  const provider = await startIdentityProvider();
  const server = await startServer(provider.environment);
  const devices: Device[] = [];
  try {
    const people = Array.from({ length: PEOPLE }, (_, at): Person => {
      return { ...provider.person(`person-${at}`), tripId: randomUUID() };
    });
    const common = await prepare(server, people);
    const name = COUNT.toLocaleString('en');
    const heard = new Heard();
    return [
      await measured(server, `${name} sockets, opened and welcomed`, COUNT, () =>
        open(server, people, devices),
      ),
      await measured(server, `${name} sockets, from subscribing to live`, COUNT, () =>
        inParts(devices, ({ client }) => client.subscribe(({ id }) => heard.hear(id))),
      ),
      await toAll(server, devices, heard, common),
      await fromEach(server, devices, heard),
    ];
  } finally {
    await Promise.all(devices.map(({ client }) => client.close()));
    await server.stop();
    await provider.stop();
  }
}

/** The trip of each, and the one of all: the first person's. Resolves with its id. */
async function prepare({ url }: BenchServer, people: readonly Person[]): Promise<string> {
  const [first, ...others] = people;
  if (!first) throw new Error('Nobody is there');
  const common = randomUUID();
  for (const person of people) {
    const client = await NativeClient.open({ url, token: person.token });
    await client.push([tripOf(person.tripId), ...(person === first ? [tripOf(common)] : [])]);
    await client.close();
  }
  const ask = askAs(url, first.token);
  for (const { email } of others) await ask(SHARE, { t: common, e: email });
  return common;
}

async function measured(
  server: BenchServer,
  name: string,
  count: number,
  work: () => Promise<readonly number[]>,
): Promise<Result> {
  const started = performance.now();
  const times = await work();
  const elapsedMs = performance.now() - started;
  return resultOf(name, times, count, await server.memory(), { elapsedMs, goal: GOAL });
}

async function open(
  { url }: BenchServer,
  people: readonly Person[],
  devices: Device[],
): Promise<readonly number[]> {
  const owners = Array.from({ length: COUNT }, (_, at) => people[at % PEOPLE] as Person);
  return inParts(owners, async (person) => {
    devices.push({ person, client: await NativeClient.open({ url, token: person.token }) });
  });
}

/** So many at a time; the times of each. */
async function inParts<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      const started = performance.now();
      await work(item);
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return times;
}

/** What all devices hear, counted, with the times since the count began. */
class Heard {
  times: number[] = [];
  #wanted: ReadonlySet<string> = new Set();
  #expected = 0;
  #started = 0;
  #finish: () => void = () => {};

  /** Resolves when so many deliveries of these records have come. */
  wait(ids: readonly string[], expected: number): Promise<void> {
    this.times = [];
    this.#wanted = new Set(ids);
    this.#expected = expected;
    this.#started = performance.now();
    return new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  hear(id: string): void {
    if (!this.#wanted.has(id)) return;
    this.times.push(performance.now() - this.#started);
    if (this.times.length === this.#expected) this.#finish();
  }
}

async function toAll(
  server: BenchServer,
  devices: readonly Device[],
  heard: Heard,
  common: string,
): Promise<Result> {
  const [writer] = devices;
  const times: number[] = [];
  let elapsedMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const change = memoryOf(common, newRecord());
    const all = heard.wait([change.id], devices.length);
    const started = performance.now();
    await writer?.client.push([change]);
    await all;
    elapsedMs += performance.now() - started;
    times.push(...heard.times);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const name = `one change to ${COUNT.toLocaleString('en')} live sockets`;
  return resultOf(name, times, times.length, await server.memory(), { elapsedMs, goal: 'p99 ≤ 200 ms' });
}

/** The times are those of the acknowledgements; it is over when every device has heard of all that concerns it. */
async function fromEach(server: BenchServer, devices: readonly Device[], heard: Heard): Promise<Result> {
  const changes = devices.map(({ person }) => memoryOf(person.tripId, newRecord()));
  const all = heard.wait(
    changes.map(({ id }) => id),
    devices.length * EACH,
  );
  const started = performance.now();
  const times: number[] = [];
  await Promise.all(
    devices.map(async ({ client }, at) => {
      await client.push(changes.slice(at, at + 1));
      times.push(performance.now() - started);
    }),
  );
  const elapsedMs = performance.now() - started;
  await all;
  const name = `one change from each of ${COUNT.toLocaleString('en')} sockets`;
  return resultOf(name, times, COUNT, await server.peakMemory(), { elapsedMs, goal: GOAL });
}
