/** The feed of a caller as it goes on, where it is not ordinary: a slow caller, a bus that loses, a database that is away. */
import { randomUUID } from 'node:crypto';
import {
  type Bus,
  createEngine,
  createMemoryBus,
  createMemoryStore,
  type Engine,
  type Snapshot,
  type Store,
} from '@ackord/server';
import { afterEach, expect, test } from 'vitest';
import {
  type FeedEvent,
  type FeedRequest,
  type FeedSource,
  followFeed,
} from '../../packages/server/src/engine/follow-feed.ts';
import { change, type Device, deviceOf, registry } from '../support/engine.ts';

const engines = new Set<Engine>();
const feeds = new Set<AbortController>();
afterEach(async () => {
  for (const feed of feeds) feed.abort();
  await Promise.all([...engines].map((engine) => engine.stop()));
  engines.clear();
});

function engineOf(bus: Bus = createMemoryBus(), store: Store = createMemoryStore({ registry })): Engine {
  const engine = createEngine({ registry, store, bus });
  engines.add(engine);
  return engine;
}

const requestOf = (userId: string, more: Partial<FeedRequest> = {}): FeedRequest => ({
  actor: { userId },
  domain: 'travel',
  cursor: null,
  types: null,
  scope: null,
  limit: 100,
  ...more,
});

function feedOf(engine: FeedSource, request: FeedRequest) {
  const abort = new AbortController();
  feeds.add(abort);
  const events = followFeed(engine, request, abort.signal);
  return {
    abort,
    async next(): Promise<FeedEvent> {
      const { value } = await events.next();
      if (!value) throw new Error('The feed has ended');
      return value;
    },
    rest: () => events.next(),
  };
}

const titlesIn = (event: FeedEvent): unknown[] => {
  if (event.kind === 'refused') throw new Error(event.message);
  const records = event.kind === 'page' ? event.page.records : event.moved.map(({ record }) => record);
  return records.filter(({ type }) => type === 'travel.Memory').map(({ fields }) => fields.title);
};

async function tripOf(phone: Device): Promise<string> {
  const trip = randomUUID();
  await phone.send(change.trip(trip));
  return trip;
}

const write = (phone: Device, trip: string, from: number, to: number): Promise<unknown> => {
  const titles = Array.from({ length: to - from }, (_, at) => `${from + at}`);
  return Promise.all(titles.map((title) => phone.one(change.memory(randomUUID(), trip, { title }))));
};

/** Reads until so many titles have come, and checks that each came once. */
async function titles(feed: ReturnType<typeof feedOf>, count: number): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  const seen: unknown[] = [];
  while (seen.length < count) {
    const event = await feed.next();
    events.push(event);
    seen.push(...titlesIn(event));
  }
  expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, at) => at));
  return events;
}

test('what is committed is handed on without a read', async () => {
  const store = createMemoryStore({ registry });
  let pages = 0;
  const counted: Store = Object.create(store, {
    snapshot: {
      value: (work: (snapshot: Snapshot) => Promise<unknown>) =>
        store.snapshot((snapshot) =>
          work(
            new Proxy(snapshot, {
              get(target, name) {
                if (name === 'feed') pages++;
                const value = Reflect.get(target, name);
                return typeof value === 'function' ? value.bind(target) : value;
              },
            }),
          ),
        ),
    },
  });
  const engine = engineOf(createMemoryBus(), counted);
  const phone = deviceOf(engine);
  const trip = await tripOf(phone);
  const feed = feedOf(engine, requestOf(phone.userId));
  expect(await feed.next()).toMatchObject({ kind: 'page', page: { hasMore: false } });
  expect(pages).toBe(1);
  await phone.one(change.memory(randomUUID(), trip, { title: '0' }));
  expect(await feed.next()).toMatchObject({ kind: 'news', isLast: true });
  expect(pages).toBe(1);
});

test('whoever takes long gets pages of what was too much to keep', async () => {
  const engine = engineOf();
  const phone = deviceOf(engine);
  const trip = await tripOf(phone);
  const feed = feedOf(engine, requestOf(phone.userId));
  await feed.next();
  for (let at = 0; at < 50; at++) await write(phone, trip, at, at + 1);
  const events = await titles(feed, 50);
  expect(events.some(({ kind }) => kind === 'page')).toBe(true);
  await write(phone, trip, 50, 51);
  expect(titlesIn(await feed.next())).toEqual(['50']);
});

test('what nobody announces is found all the same, once', async () => {
  const bus = createMemoryBus();
  let count = 0;
  const deaf: Bus = {
    subscribe: (listener) => bus.subscribe(listener),
    publish: (announcement) => (count++ % 2 === 0 ? undefined : bus.publish(announcement)),
  };
  const engine = engineOf(deaf);
  const phone = deviceOf(engine);
  const trip = await tripOf(phone);
  const feed = feedOf(engine, requestOf(phone.userId, { limit: 7 }));
  await feed.next();
  for (let at = 0; at < 20; at++) await write(phone, trip, at, at + 1);
  await titles(feed, 20);
});

test('while the database is away it waits, once it has begun', async () => {
  const engine = engineOf();
  const phone = deviceOf(engine);
  const trip = await tripOf(phone);
  let isAway = false;
  const away = Object.assign(new Error('away'), { outcome: 'unavailable' });
  const shaky: FeedSource = Object.create(engine, {
    pull: { value: (request: never) => (isAway ? Promise.reject(away) : engine.pull(request)) },
    scopes: { value: (actor: never) => (isAway ? Promise.reject(away) : engine.scopes(actor)) },
  });
  isAway = true;
  await expect(feedOf(shaky, requestOf(phone.userId)).next()).rejects.toBe(away);
  isAway = false;
  const feed = feedOf(shaky, requestOf(phone.userId));
  await feed.next();
  isAway = true;
  for (let at = 0; at < 50; at++) await write(phone, trip, at, at + 1);
  const told = titles(feed, 50);
  isAway = false;
  await told;
});

test('one that is stopped ends, whatever it waits for', async () => {
  const engine = engineOf();
  const phone = deviceOf(engine);
  const feed = feedOf(engine, requestOf(phone.userId));
  await feed.next();
  const last = feed.rest();
  feed.abort.abort();
  expect(await last).toEqual({ done: true, value: undefined });
});
