import { completeFields, type Fields, formatDigest } from '@ackord/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReplica, type Replica } from './replica.ts';
import { type EntityName, entityTypeOf } from './wire.ts';

const AT = '2024-05-01T12:00:00.000Z';
const USER = 'a0000000-0000-4000-8000-000000000000';

function put(replica: Replica, name: EntityName, id: string, version: number, fields: Fields): void {
  const type = entityTypeOf(name);
  replica.put({ type, id, version, fields: completeFields(type, fields) });
}

function journal(): Replica {
  const replica = createReplica(USER);
  put(replica, 'Tag', 'tag', 1, { name: 'rain' });
  put(replica, 'Trip', 'trip', 3, { name: 'Liguria', startDate: AT });
  put(replica, 'Memory', 'memory', 2, { tripId: 'trip', title: 'Pier' });
  put(replica, 'MediaItem', 'media', 1, { memoryId: 'memory', objectName: 'a.jpg', mediaType: 'image/jpeg' });
  return replica;
}

describe('a replica', () => {
  test('has a digest per scope and type', () => {
    const digests = journal().digests();
    expect(digests.map(({ scope, entityType }) => `${scope} ${entityType}`).sort()).toEqual([
      'trip:trip MediaItem',
      'trip:trip Memory',
      'trip:trip Trip',
      `user:${USER} Tag`,
    ]);
    for (const { digest } of digests) expect(digest.count).toBe(1);
  });

  test('does not go back to an older version, but takes the same one again', () => {
    const replica = journal();
    put(replica, 'Memory', 'memory', 1, { tripId: 'trip', title: 'old' });
    expect(replica.get('Memory', 'memory')?.fields.title).toBe('Pier');
    put(replica, 'Memory', 'memory', 2, { tripId: 'trip', title: 'as it is stored' });
    expect(replica.get('Memory', 'memory')?.fields.title).toBe('as it is stored');
  });

  test('loses with a record all that belongs to it, at all depths', () => {
    const replica = journal();
    replica.drop('Trip', 'trip');
    expect(replica.size).toBe(1);
    expect(replica.get('MediaItem', 'media')).toBeNull();
  });

  test('a record that moves takes its children along', () => {
    const replica = journal();
    put(replica, 'Trip', 'other', 1, { name: 'Ticino', startDate: AT });
    put(replica, 'Memory', 'memory', 3, { tripId: 'other', title: 'Pier' });
    expect(replica.digests().find(({ entityType }) => entityType === 'MediaItem')?.scope).toBe('trip:other');
  });

  test('a lost scope takes everything with it', () => {
    const replica = journal();
    replica.dropScope('trip:trip');
    expect(replica.digests().map(({ entityType }) => entityType)).toEqual(['Tag']);
  });

  test('knows what an alias means, until it ends', () => {
    const replica = journal();
    replica.alias('Tag', 'twin', 'tag');
    expect([replica.canonical('Tag', 'twin'), replica.canonical('Tag', 'tag')]).toEqual(['tag', 'tag']);
    replica.drop('Tag', 'twin');
    expect(replica.canonical('Tag', 'twin')).toBe('twin');
  });

  test('a child without its parent is a defect, not a digest', () => {
    const replica = createReplica(USER);
    put(replica, 'Memory', 'memory', 1, { tripId: 'nowhere', title: 'Lost' });
    expect(() => replica.digests()).toThrow('without what it belongs to');
  });
});

test('equal records make equal digests in whatever order they came, and other ones do not', () => {
  const titles = fc.uniqueArray(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(titles, fc.nat(), (all, seed) => {
      const digestOf = (order: readonly number[], version = 1): string => {
        const replica = createReplica(USER);
        for (const at of order)
          put(replica, 'BucketListItem', `wish-${at}`, version, { name: all[at] ?? '' });
        return replica
          .digests()
          .map(({ digest }) => formatDigest(digest))
          .join();
      };
      const order = all.map((_, at) => at);
      const turned = order.map((_, at) => (at + seed) % all.length);
      expect(digestOf(turned)).toBe(digestOf(order));
      expect(digestOf(order.slice(1))).not.toBe(digestOf(order));
      expect(digestOf(order, 2)).not.toBe(digestOf(order));
    }),
  );
});
