/** What all steps of a move share, and how a row of the older server becomes a record. */
import type { Store } from '@ackord/server';
import { type Carrying, carry, type Item } from './carry.ts';
import { removeGone } from './gone.ts';
import { pagesOf, type Row, type Source, type Table } from './source.ts';
import { type MovedType, TABLES } from './tables.ts';
import type { MovedUsers } from './users.ts';
import { changedAt, idOf, instantOf, stampOf } from './values.ts';

export interface Move extends Carrying {
  readonly source: Source;
  readonly store: Store;
  readonly users: MovedUsers;
  /** Who speaks for each trip. */
  readonly owners: ReadonlyMap<string, string>;
  /** Owners who were left out, by the trips that wait for them. */
  readonly awaited: ReadonlyMap<string, string>;
  readonly onStep: (table: string) => void;
}

/**
 * On whose account a memory goes: its creator's, else the owner's of its trip; also one who was left out. null: nobody's.
 */
export function userOf(
  { users, owners, awaited }: Move,
  creator: string | null,
  trip: string | null,
): string | null {
  if (creator !== null && (users.ids.has(creator) || users.leftOut.has(creator))) return creator;
  return owners.get(trip ?? '') ?? awaited.get(trip ?? '') ?? null;
}

/** null: there is no such table, or not enough of it; that is told among the problems. */
export function tableOf({ source, report }: Move, type: MovedType): Table | null {
  const { name, fields, needed, creator } = TABLES[type];
  const table = source.table(name, ['id', 'createdAt', 'updatedAt', creator, ...fields]);
  const missing = ['id', ...needed].filter((column) => !table?.columns.has(column));
  if (table && missing.length === 0) return table;
  const what = table ? `has no column ${missing.join(', ')}` : 'is not there, or may not be read';
  report.problem({ table: name, id: '', reason: `The table ${what}: nothing of it was taken over.` });
  return null;
}

export interface Pages {
  readonly type: MovedType;
  readonly table: Table;
  /** Further expressions to read with each row, by name. */
  readonly more?: { readonly [name: string]: string };
  /** Adds to rows what lies in other tables. */
  readonly prepare?: (rows: readonly Row[]) => Promise<readonly Row[]>;
  readonly items: (row: Row) => Becoming;
}

/** What a row becomes, or why it is left out; null: what it belongs to was left out. */
export type Becoming = readonly Item[] | string | null;

/** A row in a trip. `missing`: what to say when there is no such trip. */
export function inTrip(
  { owners, report }: Move,
  trip: string | null,
  missing: string,
  itemFor: (owner: string) => Item,
): Becoming {
  if (report.isLost('trip', trip)) return null;
  const owner = owners.get(trip ?? '');
  return owner === undefined ? missing : [itemFor(owner)];
}

export async function moveTable(move: Move, pages: Pages): Promise<void> {
  const { source, report, onStep } = move;
  const { type, table, more = {}, prepare = async (rows) => rows, items } = pages;
  onStep(table.name);
  for await (const page of pagesOf(source, table, more)) {
    report.of(type).read += page.length;
    const all: Item[] = [];
    for (const row of await prepare(page)) {
      const made = items(row);
      const place = { table: table.name, id: String(row.id) };
      if (made === null) report.goesAlong(type, place);
      else if (typeof made === 'string') report.leftOut(type, { ...place, reason: made });
      else all.push(...made);
    }
    await carry(move, all);
  }
}

/** `creator`: who made it over there, where that is known and not simply who speaks for it. */
export function itemOf(
  move: Move,
  { type, table }: Pick<Pages, 'type' | 'table'>,
  row: Row,
  actor: string,
  creator: string | null = null,
): Item {
  const id = idOf(row.id) ?? '';
  const at = stampOf(row.createdAt);
  const by = creator !== null && move.users.ids.has(creator) ? creator : actor;
  return {
    type,
    table: table.name,
    id,
    originId: id,
    actor,
    fields: fieldsOf(move, type, table, row),
    created: at === null ? null : { by, at },
    time: changedAt(row),
    isAwaiting: creator !== null && move.users.leftOut.has(creator),
  };
}

/** Nothing there stands for the default here, where the field may not be empty. */
function fieldsOf({ engine }: Move, type: MovedType, table: Table, row: Row): Item['fields'] {
  const fields: { [field: string]: unknown } = {};
  const definition = engine.registry.type(`travel.${type}`).fields;
  for (const [name, field] of definition) {
    if (row[name] === undefined || !isTaken(type, name)) continue;
    const value = table.columns.get(name)?.isTime ? instantOf(row[name]) : row[name];
    if (value !== null || field.nullable) fields[name] = value;
  }
  return fields;
}

/** Columns of the table, and what lies in others. */
const isTaken = (type: MovedType, field: string): boolean =>
  TABLES[type].fields.includes(field) || ['tagIds', 'relatedTagIds', 'memoryId'].includes(field);

export async function deleteGone(move: Move, type: MovedType): Promise<void> {
  const table = move.source.table(TABLES[type].name, ['id']);
  const log = move.source.table('deletion_log', ['entityId', 'deletedAt']);
  if (table) await removeGone({ ...move, log }, type, table);
}
