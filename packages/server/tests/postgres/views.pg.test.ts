/** The typed views: a real column per field, live records only, renewed when the registry changes. */
import {
  canonicalJson,
  createRegistry,
  decimal,
  defineDomain,
  defineEntity,
  flag,
  instant,
  integer,
  number,
  qualifiedId,
  type Registry,
  text,
  uuid,
  uuids,
} from '@ackord/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { TestDatabase } from '../../../../tests/support/postgres.ts';
import { openPostgresStore } from '../../src/store/postgres-store.ts';
import { commit, recordOf, T0 } from '../store/shelf.ts';
import { freshDatabase, withSession } from './support.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const fields = {
  title: text(),
  takenAt: instant(),
  GPSTrackId: uuid().nullable(),
  tagIds: uuids(),
  latitude: number(),
  rating: integer(),
  isFavorite: flag(),
  mood: z.enum(['GOOD', 'BAD']),
  settings: z.record(z.string(), z.unknown()),
  /** Called like a column of every record. */
  updatedAt: instant().nullable(),
};
const registryOf = (more: { [field: string]: z.ZodType }): Registry =>
  createRegistry([
    defineDomain({
      name: 'album',
      ids: 'uuid',
      entities: [
        defineEntity({
          name: 'GPXPhoto',
          plural: 'photos',
          fields: { ...fields, ...more },
          scope: { root: 'photo' },
        }),
      ],
    }),
  ]);

const open = (registry: Registry, lines: string[] = []) =>
  openPostgresStore({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    registry,
    log: (line) => lines.push(line),
  });

const columns = () =>
  withSession(database.ownerUrl, ({ rows }) =>
    rows<{ name: string; type: string }>(`
      SELECT attname::text AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = 'album.gpx_photo'::regclass AND attnum > 0 ORDER BY attnum`),
  );

const TRACK = '0b7e1a3c-52a4-4b1c-9f0e-3f1f5f0a0001';

test('a column per field, of its real type', async () => {
  const opened = await open(registryOf({}));
  expect(Object.fromEntries((await columns()).map(({ name, type }) => [name, type]))).toEqual({
    scope_id: 'text',
    id: 'text',
    version: 'integer',
    seq: 'bigint',
    created_at: 'timestamp with time zone',
    updated_at: 'timestamp with time zone',
    created_by: 'text',
    sync_priority: 'smallint',
    title: 'text',
    taken_at: 'timestamp with time zone',
    gps_track_id: 'uuid',
    tag_ids: 'uuid[]',
    latitude: 'double precision',
    rating: 'integer',
    is_favorite: 'boolean',
    mood: 'text',
    settings: 'jsonb',
    field_updated_at: 'timestamp with time zone',
  });
  const photo = recordOf('album.GPXPhoto', 'photo:1', 1, {
    title: 'Ärmelkanal „Süd“',
    takenAt: '2026-07-01T12:00:00.123Z',
    GPSTrackId: null,
    tagIds: [TRACK],
    latitude: 48.5,
    rating: 4,
    isFavorite: true,
    mood: 'GOOD',
    settings: { a: [1] },
    updatedAt: '0001-01-01T00:00:00.000Z',
  });
  const tombstone = { kind: 'moved' } as const;
  const gone = { ...photo, id: 'gone', seq: 2, tombstone, deletedAt: T0, fields: {} };
  const rowOf = (record: typeof photo) => ({
    record,
    fieldsText: canonicalJson(record.fields),
    checksum: new Uint8Array(16),
    owner: null,
    uniqueKey: null,
  });
  await commit(opened.store, ['photo:1'], { records: [rowOf(photo), rowOf(gone)] });
  const rows = await withSession(database.ownerUrl, (session) =>
    session.rows(`
      SELECT scope_id, id, version, seq, created_by, title, taken_at, gps_track_id, tag_ids::text[] AS tag_ids,
        latitude, rating, is_favorite, mood, settings, extract(epoch FROM created_at)::float8 AS created,
        extract(year FROM field_updated_at)::int AS year
      FROM album.gpx_photo`),
  );
  expect(rows).toEqual([
    {
      scope_id: 'photo:1',
      id: photo.id,
      version: 1,
      seq: '1',
      created_by: 'ann',
      title: 'Ärmelkanal „Süd“',
      taken_at: new Date('2026-07-01T12:00:00.123Z'),
      gps_track_id: null,
      tag_ids: [TRACK],
      latitude: 48.5,
      rating: 4,
      is_favorite: true,
      mood: 'GOOD',
      settings: { a: [1] },
      created: T0 / 1_000,
      year: 1,
    },
  ]);
  await opened.close();
});

const viewId = () =>
  withSession(
    database.ownerUrl,
    async ({ rows }) =>
      (await rows<{ oid: number }>(`SELECT 'album.gpx_photo'::regclass::oid AS oid`))[0]?.oid,
  );

test('a start with the same types leaves the views alone; a new field renews them', async () => {
  const before = await viewId();
  await (await open(registryOf({}))).close();
  expect(await viewId()).toBe(before);
  await (await open(registryOf({ caption: text() }))).close();
  expect(await viewId()).not.toBe(before);
  expect((await columns()).map(({ name }) => name)).toContain('caption');
  await (await open(registryOf({}))).close();
  expect((await columns()).map(({ name }) => name)).not.toContain('caption');
});

test('a view that others were built upon stays, the server starts, and the operator is told', async () => {
  await withSession(database.ownerUrl, ({ rows }) =>
    rows('CREATE VIEW public.best AS SELECT title FROM album.gpx_photo WHERE rating > 4'),
  );
  const before = await viewId();
  const lines: string[] = [];
  await (await open(registryOf({ caption: text() }), lines)).close();
  expect(await viewId()).toBe(before);
  expect(lines.filter((line) => line.includes('album.gpx_photo could not be renewed'))).toHaveLength(1);
  await withSession(database.ownerUrl, ({ rows }) => rows('DROP VIEW public.best'));
  await (await open(registryOf({ caption: text() }))).close();
  expect(await viewId()).not.toBe(before);
});

test('a view whose type is gone goes too', async () => {
  const other = createRegistry([
    defineDomain({
      name: 'album',
      ids: 'uuid',
      entities: [defineEntity({ name: 'Frame', plural: 'frames', fields: { title: text() }, scope: 'user' })],
    }),
  ]);
  await (await open(other)).close();
  const views = await withSession(database.ownerUrl, ({ rows }) =>
    rows(`SELECT viewname FROM pg_views WHERE schemaname = 'album'`),
  );
  expect(views).toEqual([{ viewname: 'frame' }]);
});

test("a tenant's records have their ids as their apps know them, and exact numbers", async () => {
  const ledger = createRegistry([
    defineDomain({
      name: 'album',
      ids: 'text',
      entities: [
        defineEntity({
          name: 'Price',
          plural: 'prices',
          fields: { amount: decimal({ digits: 15, scale: 2 }).nullable(), tenantId: text() },
          scope: 'tenant',
        }),
      ],
    }),
  ]);
  const opened = await open(ledger);
  const record = {
    ...recordOf('album.Price', 'tenant:home', 1, { amount: '1234567890123.45', tenantId: 'its own' }),
    id: qualifiedId('home', 'p/1'),
  };
  const fieldsText = canonicalJson(record.fields);
  const row = { record, fieldsText, checksum: new Uint8Array(16), owner: null, uniqueKey: null };
  await commit(opened.store, ['tenant:home'], { records: [row] });
  const rows = await withSession(database.ownerUrl, (session) =>
    session.rows('SELECT scope_id, id, tenant_id, amount::text, field_tenant_id FROM album.price'),
  );
  expect(rows).toEqual([
    {
      scope_id: 'tenant:home',
      id: 'p/1',
      tenant_id: 'home',
      amount: '1234567890123.45',
      field_tenant_id: 'its own',
    },
  ]);
  await opened.close();
});
