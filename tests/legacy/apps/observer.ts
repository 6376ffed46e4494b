/**
 * Watches what becomes of every write, in the database itself: whoever replaces a value that it had not been given must
 * leave a conflict with that value, which its loser can find; and what was acknowledged has stood, or is in a
 * conflict of its writer. Looks after every call; calls come one after the other, so each new line of the log is that
 * call's.
 */
import type { Ground, Loose } from '../../gaps/ground.ts';
import { type Seen, SeenRecords, type Setter, type Writer } from './seen-records.ts';

export type { Writer } from './seen-records.ts';

/** What somebody else had written, and the writer had not been given: a value, all of a record, or a deletion. */
interface Loss {
  readonly key: string;
  readonly what: 'value' | 'record' | 'deletion';
  readonly field: string;
  readonly old: unknown;
  readonly setter: Setter;
}

export const keyOf = (entity: string, id: string): string => `${entity} ${id}`;
const idIn = (key: string): string => key.slice(key.indexOf(' ') + 1);
const bare = (type: string): string => type.slice(type.indexOf('.') + 1);

export class Observer {
  readonly #ground: Ground;
  readonly #heads = new Map<string, number>();
  readonly records = new SeenRecords();
  readonly faults: string[] = [];
  readonly figures = { lines: 0, unseen: 0, journaled: 0, claims: 0, inConflict: 0 };

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** What was there before is none of its business. */
  async begin(): Promise<void> {
    for (const { scope_id, seq } of await this.#ground.sql(
      'SELECT scope_id, max(seq)::int AS seq FROM sync_log GROUP BY scope_id',
    ))
      this.#heads.set(scope_id, seq);
  }

  /** All that has been written since the last look, by one writer. */
  async look(writer: Writer): Promise<void> {
    const lines = await this.#ground.sql(
      `SELECT l.scope_id, l.seq::int, l.type, l.id, l.version, l.change_id, l.before
       FROM sync_log AS l LEFT JOIN jsonb_each_text($1::jsonb) AS known ON known.key = l.scope_id
       WHERE l.seq > coalesce(known.value::bigint, 0) ORDER BY l.scope_id, l.seq`,
      [JSON.stringify(Object.fromEntries(this.#heads))],
    );
    if (lines.length === 0) return;
    for (const { scope_id, seq } of lines) this.#heads.set(scope_id, seq);
    this.figures.lines += lines.length;
    const states = await this.#ground.sql(
      `SELECT type, id, version, doc, deleted_at FROM record WHERE id = ANY ($1) AND tombstone ->> 'kind' IS DISTINCT FROM 'alias'`,
      [[...new Set(lines.map(({ id }) => id))]],
    );
    const losses: Loss[] = [];
    for (const state of states) {
      const key = keyOf(bare(state.type), state.id);
      losses.push(...this.#compare(writer, key, state));
      // What stood between two changes of one call.
      for (const { before, version } of lines.filter(
        ({ type, id }) => type === state.type && id === state.id,
      ))
        this.records.note(key, { writer, version: version - 1 }, before ?? {});
      this.records.note(key, { writer, version: state.version }, state.doc);
    }
    const changes = [...new Set(lines.map(({ change_id }) => change_id).filter(Boolean))];
    if (losses.length > 0) await this.#expectConflicts(writer, changes, losses);
  }

  /** Takes over how the record is now; gives what was lost by it. */
  #compare(writer: Writer, key: string, { version, doc, deleted_at }: Loose): Loss[] {
    const isDeleted = deleted_at !== null;
    const before = this.records.get(key);
    if (!before) {
      this.records.add(key, { writer, version }, doc, isDeleted);
      return [];
    }
    const losses =
      isDeleted === before.isDeleted || isDeleted ? this.#replaced(writer, key, before, doc, isDeleted) : [];
    if (
      !isDeleted &&
      before.isDeleted &&
      before.deletedBy &&
      this.records.isUnseen(writer, key, before.deletedBy)
    )
      losses.push({ key, what: 'deletion', field: '', old: null, setter: before.deletedBy });
    for (const field of Object.keys(doc)) {
      if (JSON.stringify(before.doc[field] ?? null) !== JSON.stringify(doc[field] ?? null))
        before.setters.set(field, { writer, version });
    }
    if (isDeleted && !before.isDeleted) before.deletedBy = { writer, version };
    before.doc = doc;
    before.isDeleted = isDeleted;
    return losses;
  }

  #replaced(writer: Writer, key: string, before: Seen, doc: Loose, isDeleted: boolean): Loss[] {
    if (before.isDeleted) return [];
    return [...before.setters].flatMap(([field, setter]) => {
      const old = before.doc[field] ?? null;
      const isReplaced = isDeleted || JSON.stringify(old) !== JSON.stringify(doc[field] ?? null);
      // Lists merge.
      if (!isReplaced || Array.isArray(old) || !this.records.isUnseen(writer, key, setter, field, old))
        return [];
      return [{ key, what: isDeleted ? 'record' : 'value', field, old, setter }];
    });
  }

  /** Of the changes, with the values that went. */
  async #expectConflicts(writer: Writer, changes: readonly string[], losses: readonly Loss[]): Promise<void> {
    const found = await this.#ground.sql(
      `SELECT body, rival_id, status, winner FROM sync_conflict WHERE body ->> 'changeId' = ANY ($1)`,
      [changes],
    );
    const losers = new Set(losses.map(({ setter }) => setter.writer.userId));
    for (const loss of losses) {
      this.figures.unseen += 1;
      if (found.some((row) => isTold(row, loss, losers) && holds(row.body, loss)))
        this.figures.journaled += 1;
      else {
        this.faults.push(
          `${loss.key}: a ${loss.what} by ${loss.setter.writer.name}, ${loss.field} ${JSON.stringify(loss.old)}, is no more, by ${writer.name}, which had not been given it (known: ${writer.known(loss.key)}), and no conflict tells of it; told by the call: ${JSON.stringify(found.map(summaryOf))}`,
        );
      }
    }
  }

  /** A write was acknowledged: each of its values has stood, or is kept in a conflict that its writer finds. */
  async claim(writer: Writer, key: string, values: Readonly<Record<string, unknown>>): Promise<void> {
    for (const [field, value] of Object.entries(values)) {
      this.figures.claims += 1;
      if (this.records.hasStood(key, field, value)) continue;
      if (await this.#isKept(writer, key, field, value)) this.figures.inConflict += 1;
      else
        this.faults.push(
          `${key}: ${field} ${JSON.stringify(value)} of ${writer.name} was acknowledged, has never stood, and is in no conflict`,
        );
    }
  }

  async #isKept(writer: Writer, key: string, field: string, value: unknown): Promise<boolean> {
    const found = await this.#ground.sql(
      `SELECT body FROM sync_conflict WHERE entity_id = $1 AND actor_id = $2
       AND (status = 'pending' OR (status = 'resolved' AND winner IN ('server', 'mixed')))`,
      [idIn(key), writer.userId],
    );
    return found.some(
      ({ body }) => JSON.stringify(body.client?.[field] ?? null) === JSON.stringify(value ?? null),
    );
  }

  /** A deletion was acknowledged. */
  claimGone(writer: Writer, key: string): void {
    if (this.records.get(key)?.isDeleted === false)
      this.faults.push(`${key}: ${writer.name} was told that it is gone, and it is there`);
  }
}

const summaryOf = ({ body, rival_id, winner }: Loose) => [
  body.conflictType,
  body.entityId,
  body.fields,
  winner,
  rival_id,
];

/** A value is told to whoever had written it; of what goes or comes back together one of all who lose by it is told. */
function isTold(
  { rival_id, status, winner }: Loose,
  { what, setter }: Loss,
  losers: ReadonlySet<string>,
): boolean {
  if (status === 'pending') return true;
  if (winner !== 'client' && winner !== 'mixed') return false;
  return what === 'value' ? rival_id === setter.writer.userId : losers.has(rival_id);
}

/** Is this the conflict of that loss? Of what goes or comes back together it is about one record, and may name others. */
function holds(conflict: Loose, { key, what, field, old }: Loss): boolean {
  const isAbout = conflict.entityId === idIn(key);
  switch (what) {
    case 'deletion':
      return conflict.conflictType === 'DELETION_CONFLICT';
    case 'record':
      return isAbout || conflict.fields.includes(key.replace(' ', ':'));
    case 'value':
      return (
        isAbout &&
        conflict.fields.includes(field) &&
        JSON.stringify(conflict.server?.[field] ?? null) === JSON.stringify(old)
      );
  }
}
