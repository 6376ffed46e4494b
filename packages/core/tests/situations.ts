/**
 * Situations for tests of the rules: a small domain of its own, and builders that fill in what a test does not care
 * about. Times are small numbers, so that tests can be read.
 */
import { z } from 'zod';
import type { Change, FieldClock, RecordState, Stamp, Tombstone } from '../src/rules/record.ts';
import type { Situation, VersionLine } from '../src/rules/situation.ts';
import { counter, max, min, textThreeWay } from '../src/rules/strategies.ts';
import type { Verdict } from '../src/rules/verdict.ts';
import { createRegistry, type Registry } from '../src/schema/define-domain.ts';
import {
  defineEntity,
  type EntityDefinition,
  type EntityRule,
  type EntityType,
} from '../src/schema/define-entity.ts';
import { integer, name, number, text, uuid, uuids } from '../src/schema/field.ts';
import type { Fields } from '../src/schema/json.ts';

const notBefore = (later: string, earlier: string): EntityRule => ({
  fields: [later, earlier],
  message: `${later} must not be before ${earlier}`,
  holds: (fields) => {
    const [end, start] = [fields[later], fields[earlier]];
    return typeof end !== 'number' || typeof start !== 'number' || end >= start;
  },
});

const box = defineEntity({
  name: 'Box',
  plural: 'boxes',
  scope: { root: 'box' },
  fields: { name: text(), opens: number().nullable(), closes: number().nullable() },
  rules: [notBefore('closes', 'opens')],
});

const note = defineEntity({
  name: 'Note',
  plural: 'notes',
  scope: 'owner',
  fields: {
    boxId: uuid(),
    title: text(),
    body: text().nullable(),
    latitude: number().default(0),
    longitude: number().default(0),
    placeName: text().nullable(),
    tagIds: uuids().default([]),
    visits: integer().default(0),
    best: number().nullable(),
    least: number().nullable(),
    starts: number().nullable(),
    ends: number().nullable(),
    color: z.enum(['red', 'blue']).nullable(),
  },
  references: { boxId: { to: 'Box', onDelete: 'cascade' }, tagIds: { to: 'Tag', onDelete: 'dangle' } },
  groups: { place: ['latitude', 'longitude', 'placeName'] },
  merge: { body: textThreeWay, visits: counter, best: max, least: min },
  rules: [notBefore('ends', 'starts')],
});

const photo = defineEntity({
  name: 'Photo',
  plural: 'photos',
  scope: 'owner',
  fields: { noteId: uuid(), caption: text().nullable() },
  references: { noteId: { to: 'Note', onDelete: 'cascade' } },
});

const unique = {
  fields: ['name'],
  key: (fields: { readonly name?: unknown }) =>
    typeof fields.name === 'string' ? fields.name.toLowerCase() : null,
};

const tag = defineEntity({
  name: 'Tag',
  plural: 'tags',
  scope: 'user',
  fields: { name: name(), color: text().nullable() },
  unique: {
    ...unique,
    rename: (fields, conflictId) => ({ ...fields, name: `${String(fields.name)} ${conflictId}` }),
  },
});

/** A unique name that can't be changed: keeping both is not possible. */
const badge = defineEntity({
  name: 'Badge',
  plural: 'badges',
  scope: 'user',
  fields: { name: name() },
  unique,
});

const entities = [tag, badge, box, note, photo];

const registryWith = (adapt: (entity: EntityDefinition) => EntityDefinition): Registry =>
  createRegistry([{ name: 'test', ids: 'uuid', entities: entities.map(adapt) }]);

export const registry: Registry = registryWith((entity) => entity);

export const typeNamed = (of: string): EntityType => registry.type(`test.${of}`);

/** A type of the domain with parts of its definition replaced. */
export const typeWith = (of: string, parts: Partial<EntityDefinition>): EntityType =>
  registryWith((entity) => (entity.name === of ? { ...entity, ...parts } : entity)).type(`test.${of}`);

export const stamp = (version: number, time: number, parts: Partial<Stamp> = {}): Stamp => ({
  version,
  time,
  device: 'tablet',
  change: `change ${version}`,
  ...parts,
});

const DEFAULTS: { readonly [type: string]: Fields } = {
  Box: { name: 'Attic', opens: null, closes: null },
  Note: {
    boxId: 'box-1',
    title: 'Old title',
    body: null,
    latitude: 0,
    longitude: 0,
    placeName: null,
    tagIds: [],
    visits: 0,
    best: null,
    least: null,
    starts: null,
    ends: null,
    color: null,
  },
  Photo: { noteId: 'note-1', caption: null },
  Tag: { name: 'Sea', color: null },
  Badge: { name: 'Sea' },
};

/** A live record at version 1, last changed by the tablet at time 10. */
export function recordOf(of: string, fields: Fields = {}, parts: Partial<RecordState> = {}): RecordState {
  const clock: FieldClock = { '*': stamp(1, 10) };
  return {
    scope: 'box:box-1',
    type: `test.${of}`,
    id: `${of.toLowerCase()}-1`,
    version: 1,
    seq: 1,
    createdAt: 10,
    updatedAt: 10,
    createdBy: 'ann',
    updatedBy: 'ann',
    priority: 1,
    clock,
    fields: { ...DEFAULTS[of], ...fields },
    tombstone: null,
    deletedAt: null,
    formerScopes: [],
    ...parts,
  };
}

/** The record after an edit by the tablet at `time`, with the history line that the edit wrote. */
export function edited(
  record: RecordState,
  fields: Fields,
  time: number,
  parts: Partial<Stamp> = {},
): { record: RecordState; line: VersionLine } {
  const type = registry.types.get(record.type) as EntityType;
  const version = record.version + 1;
  const groups = new Set(Object.keys(fields).map((field) => type.fields.get(field)?.group ?? field));
  const clock = {
    ...record.clock,
    ...Object.fromEntries([...groups].map((group) => [group, stamp(version, time, parts)])),
  };
  const before = Object.fromEntries(
    Object.keys(fields).map((field) => [field, record.fields[field] ?? null]),
  );
  return {
    record: { ...record, version, seq: version, clock, fields: { ...record.fields, ...fields } },
    line: { version, at: time, before },
  };
}

/** A tombstone that the tablet's deletion at `time` made. */
export function buried(record: RecordState, time: number, grave: Partial<Tombstone> = {}): RecordState {
  const tombstone = {
    kind: 'deleted',
    deletion: 'deletion-1',
    root: { type: record.type, id: record.id },
    time,
    device: 'tablet',
    ...grave,
  } as Tombstone;
  return { ...record, version: record.version + 1, tombstone, deletedAt: time };
}

/** A change from the phone, made at time 20 on version 1, with the id `mine`. */
export const changeOf = (
  operation: Change['operation'],
  of: string,
  fields: Fields = {},
  parts: Partial<Change> = {},
): Change => ({
  changeId: 'mine',
  device: 'phone',
  type: `test.${of}`,
  id: `${of.toLowerCase()}-1`,
  operation,
  base: operation === 'CREATE' ? 0 : 1,
  epoch: null,
  fields,
  baseFields: null,
  priority: null,
  time: 20,
  clamped: false,
  origin: 'client',
  ...parts,
});

export function situationOf(
  change: Change,
  record: RecordState | null,
  parts: Partial<Situation> = {},
): Situation {
  return {
    type: registry.type(change.type),
    change,
    record,
    strategy: 'LAST_WRITE_WINS',
    history: [],
    receivedAt: 100,
    otherEpoch: false,
    rootDeleted: false,
    beyondHorizon: false,
    namedScope: true,
    changedDescendants: [],
    holderOf: () => null,
    seen: () => false,
    waitedSince: null,
    sameSubmission: () => false,
    ...parts,
  };
}

type Decided = Extract<Verdict, { kind: 'decided' }>;

/** The verdict as a decision; fails on any other. */
export function decidedOf(verdict: Verdict): Decided {
  if (verdict.kind !== 'decided') throw new Error(`Not decided: ${JSON.stringify(verdict)}`);
  return verdict;
}

/** The fields that a decision puts into the record; fails when it puts none. */
export function putOf(verdict: Verdict): Extract<Decided['act'], { kind: 'put' }> {
  const { act } = decidedOf(verdict);
  if (act.kind !== 'put') throw new Error(`Nothing is put: ${act.kind}`);
  return act;
}

/** A UUID that ends in the digit, for lists of ids. */
export const idOf = (digit: string): string => `00000000-0000-4000-8000-00000000000${digit}`;
