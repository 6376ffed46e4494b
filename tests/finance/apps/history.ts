/** What the server's own log says of the records of a tenant: every state that each of them had, and whose work it was. */
import { type TypeName, typeNameOf } from '@ackord/finance';
import type { FinanceGround, Loose } from '../ground.ts';

export type Stored = Readonly<Record<string, unknown>>;

export interface Step {
  readonly seq: number;
  readonly version: number;
  readonly operation: string;
  readonly entryId: string;
  /** null: there was no record yet. */
  readonly before: Stored | null;
  readonly after: Stored;
}

export interface RecordHistory {
  readonly key: string;
  readonly type: TypeName;
  readonly id: string;
  readonly version: number;
  readonly isDeleted: boolean;
  readonly fields: Stored;
  /** Those that made a version, in order. */
  readonly steps: readonly Step[];
}

export interface Conflict {
  readonly entryId: string;
  readonly entityId: string;
  readonly conflictType: string;
  readonly clientDeletes: boolean;
  readonly winner: string | null;
  readonly fields: readonly string[];
  readonly server: Stored;
  readonly client: Stored;
}

export interface History {
  readonly records: ReadonlyMap<string, RecordHistory>;
  /** Conflicts of a record. */
  readonly conflicts: ReadonlyMap<string, readonly Conflict[]>;
}

export const historyKey = (type: TypeName, id: string): string => `${type} ${id}`;

const typeOf = (key: string): TypeName => typeNameOf(key.slice(key.indexOf('.') + 1)) ?? 'Account';
const bare = (id: string): string => id.slice(id.indexOf('/') + 1);
const entryIdOf = (changeId: string | null): string => changeId?.split(' ')[0] ?? '';

export async function readHistory(ground: FinanceGround, tenantId: string): Promise<History> {
  const scope = [`tenant:${tenantId}`];
  const lines = await ground.sql(
    `SELECT seq::int, type, id, version, operation, change_id, before FROM sync_log WHERE scope_id = $1 ORDER BY seq`,
    scope,
  );
  const rows = await ground.sql(
    `SELECT type, id, version, doc, deleted_at FROM record WHERE scope_id = $1`,
    scope,
  );
  const bodies = await ground.sql(`SELECT type, body FROM sync_conflict WHERE scope_id = $1`, scope);
  const linesOf = new Map<string, Loose[]>();
  for (const line of lines) push(linesOf, `${line.type} ${line.id}`, line);
  const records = new Map<string, RecordHistory>();
  for (const row of rows) {
    if (row.type === 'finance.Tenant') continue;
    const [type, id] = [typeOf(row.type), bare(row.id)];
    records.set(historyKey(type, id), {
      key: historyKey(type, id),
      type,
      id,
      version: row.version,
      isDeleted: row.deleted_at !== null,
      fields: row.doc,
      steps: stepsOf(row.doc, linesOf.get(`${row.type} ${row.id}`) ?? []),
    });
  }
  const conflicts = new Map<string, Conflict[]>();
  for (const { type, body } of bodies)
    push(conflicts, historyKey(typeOf(type), bare(body.entityId)), {
      ...body,
      entryId: entryIdOf(body.changeId),
      server: body.server ?? {},
    });
  return { records, conflicts };
}

/** Backwards from what is there, by what each line says that it replaced. */
function stepsOf(doc: Stored, lines: readonly Loose[]): Step[] {
  const steps: Step[] = [];
  let after = doc;
  for (const { seq, version, operation, change_id, before: replaced } of [...lines].reverse()) {
    if (operation === 'REFEED') continue;
    const before = replaced === null || operation === 'CREATE' ? null : { ...after, ...replaced };
    steps.unshift({ seq, version, operation, entryId: entryIdOf(change_id), before, after });
    after = before ?? {};
  }
  return steps;
}

function push<T>(map: Map<string, T[]>, key: string, one: T): void {
  const list = map.get(key);
  if (list) list.push(one);
  else map.set(key, [one]);
}
