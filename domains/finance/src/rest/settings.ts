/**
 * Settings of a user's app: one record in the user's own scope, made when it is first asked for. The later edit stands,
 * by the time that the app says; an older or equal one changes nothing.
 */
import { formatInstant, LIMITS, parseInstant, type RecordState } from '@ackord/core';
import type { Actor, RestAnswer } from '@ackord/server';
import type { FinanceTools } from '../tools.ts';
import { refusedBy, submit } from './calls.ts';

type Tools = Pick<FinanceTools, 'engine' | 'now'>;
type Result =
  | { readonly ok: true; readonly settings: RecordState }
  | { readonly ok: false; readonly answer: RestAnswer };

/** Left out: as it is. */
export interface SettingsEdit {
  readonly logLevel?: string;
  readonly logCategories?: readonly string[];
  readonly historyRetentionDays?: number;
}

const TYPE = 'finance.UserSettings';
const DEFAULTS = { logLevel: 'INFO', logCategories: [], historyRetentionDays: 60 } as const;

/** The record goes by its user's id. Defaults have no time of edit, so that any edit of an app is later. */
export async function readSettings(tools: Tools, actor: Actor): Promise<Result> {
  const found = await find(tools, actor);
  if (found) return { ok: true, settings: found };
  const fields = { ...DEFAULTS, editedAt: null };
  const [receipt] = await submit(tools, actor, [
    { entityType: 'UserSettings', id: actor.userId, operation: 'CREATE', fields },
  ]);
  return outcome(tools, actor, refusedBy(receipt));
}

/** `time`: when the edit was made, milliseconds since 1970; null: now. */
export async function editSettings(
  tools: Tools,
  actor: Actor,
  edit: SettingsEdit,
  time: number | null,
): Promise<Result> {
  const read = await readSettings(tools, actor);
  if (!read.ok) return read;
  const now = tools.now();
  // A clock that runs ahead must not shut out everybody else's edits for as long.
  const at = Math.min(time ?? now, now + LIMITS.clockSkewMsMax);
  if (at <= editedAt(read.settings)) return read;
  return write(tools, actor, read.settings, edit, at);
}

export async function resetSettings(tools: Tools, actor: Actor): Promise<Result> {
  const read = await readSettings(tools, actor);
  if (!read.ok) return read;
  const at = Math.max(tools.now(), editedAt(read.settings) + 1);
  return write(tools, actor, read.settings, DEFAULTS, at);
}

async function write(
  tools: Tools,
  actor: Actor,
  { id, version }: RecordState,
  edit: SettingsEdit,
  at: number,
): Promise<Result> {
  const [receipt] = await submit(tools, actor, [
    {
      entityType: 'UserSettings',
      id,
      operation: 'UPDATE',
      base: version,
      clientTime: at,
      fields: { ...edit, editedAt: formatInstant(at) },
    },
  ]);
  return outcome(tools, actor, refusedBy(receipt));
}

async function outcome(tools: Tools, actor: Actor, answer: RestAnswer | null): Promise<Result> {
  if (answer) return { ok: false, answer };
  const settings = await find(tools, actor);
  if (!settings) throw new Error('Settings that were just written are not there');
  return { ok: true, settings };
}

async function find({ engine }: Tools, actor: Actor): Promise<RecordState | undefined> {
  const [found] = await engine.records(actor, [{ type: TYPE, id: actor.userId }]);
  return found;
}

const editedAt = ({ fields }: RecordState): number =>
  (typeof fields.editedAt === 'string' ? parseInstant(fields.editedAt) : null) ?? Number.NEGATIVE_INFINITY;
