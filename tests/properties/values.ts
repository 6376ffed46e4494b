/**
 * The values that devices write. Every text carries a mark of who wrote it into which record, so that a text which
 * turns up where it must not is told at once. Pools are small on purpose: values meet, come back, and collide.
 */
import type { Fields, JsonValue } from '@ackord/core';
import type { TypeName } from './steps.ts';

/** `user` and `record`: ids without colons or brackets. */
export const markOf = (user: string, record: string): string => `⟦${user}:${record}⟧`;

const MARK = /⟦([^:⟧]+):([^⟧]+)⟧/g;

/** All marks in a value, however deep. */
export function marksIn(value: unknown): { readonly user: string; readonly record: string }[] {
  const text = JSON.stringify(value) ?? '';
  return [...text.matchAll(MARK)].map(([, user = '', record = '']) => ({ user, record }));
}

export interface Writing {
  readonly mark: string;
  readonly user: string;
  /** Chooses the value. */
  readonly value: number;
  /** What the field shows now. */
  readonly shown: JsonValue;
}

type Pool = (writing: Writing) => JsonValue;

const among =
  (...values: readonly JsonValue[]): Pool =>
  ({ value }) =>
    values[value % values.length] ?? null;
const marked =
  (word: string): Pool =>
  ({ mark, value }) =>
    `${mark} ${word} ${value % 4}`;
const markedOrNull =
  (word: string): Pool =>
  (writing) =>
    writing.value % 4 === 3 ? null : marked(word)(writing);

/** Names that two devices of a user give to different tags. The mark is of the user alone, else they never met. */
const collidingName: Pool = ({ user, value }) => {
  const mark = markOf(user, 'own');
  return [`${mark} Beach`, ` ${mark}  beach`, `${mark} Food`, `${mark} Sea`][value % 4] ?? mark;
};

/** Three lines, of which an edit changes one: texts that merge. */
const journal: Pool = ({ mark, value, shown }) => {
  const lines = typeof shown === 'string' ? shown.split('\n') : [`${mark} a`, `${mark} b`, `${mark} c`];
  lines[value % 3] = `${mark} line ${value % 5}`;
  return lines.join('\n');
};

const days = (...numbers: readonly number[]): Pool =>
  among(...numbers.map((day) => `2026-05-${String(day).padStart(2, '0')}T08:00:00.000Z`));

/** What devices edit, per type. References are edited by steps of their own. */
const POOLS: { readonly [type in TypeName]: { readonly [field: string]: Pool } } = {
  Trip: {
    name: marked('trip'),
    startDate: days(1, 10, 5),
    endDate: (writing) => (writing.value % 4 === 3 ? null : days(20, 7, 12)(writing)),
    tripDescription: markedOrNull('description'),
    isActive: among(true, false),
    totalDistance: among(0, 1.5, 1000),
  },
  Memory: {
    title: marked('memory'),
    text: journal,
    timestamp: days(2, 3, 4),
    latitude: among(47.1, 48.5, 0),
    longitude: among(-3.2, -2, 0),
    locationName: markedOrNull('place'),
    weatherJSON: markedOrNull('weather'),
  },
  MediaItem: {
    objectName: marked('object'),
    mediaType: among('image', 'video'),
    order: among(0, 1, 2),
    duration: among(null, 12.5),
    thumbnailObjectName: markedOrNull('thumbnail'),
  },
  GPXTrack: {
    name: marked('track'),
    totalDistance: among(null, 10, 20),
    startTime: days(1, 4),
    endTime: days(2, 6),
    totalPoints: among(1, 2, 3),
    creator: markedOrNull('recorder'),
  },
  Tag: {
    name: collidingName,
    color: among('red', 'blue', null),
    emoji: among('🌊', '🏔', null),
    tagDescription: markedOrNull('description'),
    isArchived: among(false, true),
    sortOrder: among(0, 1, 2),
  },
  TagCategory: {
    name: collidingName,
    displayName: markedOrNull('drawer'),
    color: among('red', null),
    sortOrder: among(0, 1),
  },
  BucketListItem: {
    name: marked('wish'),
    country: markedOrNull('country'),
    latitude1: among(1, 2, null),
    longitude1: among(3, 4, null),
    isDone: among(false, true),
    completedAt: (writing) => (writing.value % 2 === 0 ? null : days(8, 9)(writing)),
  },
};

/** The first field of a type is its name: it is there on every new record. */
export const fieldsOf = (type: TypeName): readonly string[] => Object.keys(POOLS[type]);

/** A new value of each field that `chosen` says yes to. */
export function newValues(
  type: TypeName,
  shown: Fields,
  writing: Omit<Writing, 'shown'>,
  chosen: (index: number) => boolean,
): Fields {
  const entries = Object.entries(POOLS[type]).filter((_, at) => chosen(at));
  return Object.fromEntries(
    entries.map(([field, pool], at) => [
      field,
      pool({ ...writing, value: writing.value + at, shown: shown[field] ?? null }),
    ]),
  );
}

/** What a record of the type can't be made without, beside its parent. */
export function firstValues(type: TypeName, writing: Omit<Writing, 'shown'>): Fields {
  const needed = { Trip: ['name', 'startDate'], MediaItem: ['objectName', 'mediaType'] } as const;
  const names: readonly string[] =
    type === 'Trip' || type === 'MediaItem' ? needed[type] : [fieldsOf(type)[0] ?? ''];
  const all = newValues(type, {}, writing, () => true);
  const some = newValues(type, {}, writing, (at) => ((writing.value >> (at % 4)) & 1) === 1);
  return { ...some, ...Object.fromEntries(names.map((name) => [name, all[name] ?? null])) };
}
