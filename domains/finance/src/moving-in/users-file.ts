/** The original server's file of all users and tenants: bytes in, both out as Ackord knows them. */
import { isTenantId, isUuid } from '@ackord/core';
import type { ImportedUser } from '@ackord/server';
import type { SettingsEdit } from '../rest/settings.ts';
import type { Row, RowProblem } from '../sqlite/read-file.ts';
import { USER_TABLES } from '../sqlite/tables.ts';
import { readTables, type Unreadable, unreadable } from '../sqlite/tenant-file.ts';

export interface ImportedTenant {
  readonly id: string;
  readonly name: string;
  /** Id of the user who made it. */
  readonly owner: string;
  /** Milliseconds since 1970; null: nobody knows. */
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
}

export interface ImportedSettings {
  /** Id of the user. */
  readonly user: string;
  readonly edit: SettingsEdit;
  readonly updatedAt: number | null;
}

export interface UsersFile {
  readonly ok: true;
  readonly users: readonly ImportedUser[];
  readonly tenants: readonly ImportedTenant[];
  readonly settings: readonly ImportedSettings[];
  /** Rows that can't be taken, by table. */
  readonly problems: readonly RowProblem[];
}

/** `now`: for rows that do not say when they were made. */
export async function readUsersFile(bytes: Uint8Array, now: number): Promise<UsersFile | Unreadable> {
  const file = await readTables(bytes, USER_TABLES);
  if (!file.ok) return file;
  if (file.missing.includes('users') || file.missing.includes('tenants')) return unreadable('not-of-users');
  const problems = [...file.problems];
  const taken = <T>(table: string, take: (row: Row) => T | string): T[] =>
    (file.tables.get(table) ?? []).flatMap((row) => {
      const made = take(row);
      if (typeof made !== 'string') return [made];
      problems.push({ table, id: String(row.uuid), reason: made });
      return [];
    });
  const users = taken('users', (row) => userOf(row, now));
  const tenants = taken('tenants', tenantOf);
  const settings = (file.tables.get('user_settings') ?? []).map(settingsOf);
  return { ok: true, users, tenants, settings, problems };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const timeOf = (value: unknown): number | null => (typeof value === 'string' ? Date.parse(value) : null);

function userOf(row: Row, now: number): ImportedUser | string {
  const id = textOf(row.uuid)?.toLowerCase() ?? '';
  const email = textOf(row.email)?.trim() ?? '';
  if (!isUuid(id) || email === '') return 'It has no UUID or no e-mail.';
  const createdAt = timeOf(row.createdAt) ?? now;
  return {
    id,
    email,
    username: textOf(row.name) ?? email,
    passwordHash: textOf(row.hashed_password),
    firstName: null,
    lastName: null,
    profileImageUrl: null,
    isActive: true,
    isEmailVerified: false,
    lastLoginAt: null,
    roles: [],
    createdAt,
    updatedAt: timeOf(row.updatedAt) ?? createdAt,
  };
}

function tenantOf(row: Row): ImportedTenant | string {
  const [id, owner] = [textOf(row.uuid), textOf(row.user_id)?.toLowerCase()];
  if (!id || !isTenantId(id)) return 'Its id may only have letters, digits, - and _, 64 at most.';
  if (!owner) return 'It belongs to no user.';
  const [createdAt, updatedAt] = [timeOf(row.createdAt), timeOf(row.updatedAt)];
  return { id, name: textOf(row.name) ?? id, owner, createdAt, updatedAt };
}

function settingsOf(row: Row): ImportedSettings {
  const { log_level: level, enabled_log_categories: categories, history_retention_days: days } = row;
  return {
    user: textOf(row.user_id)?.toLowerCase() ?? '',
    edit: {
      ...(typeof level === 'string' && { logLevel: level }),
      ...(Array.isArray(categories) && { logCategories: categories.map(String) }),
      ...(typeof days === 'number' && { historyRetentionDays: days }),
    },
    updatedAt: timeOf(row.updated_at),
  };
}
