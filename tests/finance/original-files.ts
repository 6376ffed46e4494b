/** A data folder as the original server leaves it: one SQLite file of users and tenants, and one per tenant. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import initSqlJs, { type BindParams } from 'sql.js';

const sql = await initSqlJs();

export type Rows = readonly (readonly [statement: string, values?: BindParams])[];

export function sqliteFile(rows: Rows): Uint8Array {
  const database = new sql.Database();
  for (const [statement, values] of rows) database.run(statement, values);
  const bytes = database.export();
  database.close();
  return bytes;
}

const BOTH = '"createdAt" DATETIME, "updatedAt" DATETIME';

export const usersTables: Rows = [
  [
    `CREATE TABLE users (uuid VARCHAR PRIMARY KEY, name VARCHAR, email VARCHAR NOT NULL, hashed_password VARCHAR, ${BOTH})`,
  ],
  [
    `CREATE TABLE user_settings (id VARCHAR PRIMARY KEY, user_id VARCHAR NOT NULL UNIQUE, log_level VARCHAR NOT NULL,
      enabled_log_categories TEXT NOT NULL, history_retention_days INTEGER NOT NULL, created_at DATETIME, updated_at DATETIME)`,
  ],
  [`CREATE TABLE tenants (uuid VARCHAR PRIMARY KEY, name VARCHAR, user_id VARCHAR NOT NULL, ${BOTH})`],
];

const made = '2025-01-01 00:00:00';

export const user = (id: string, name: string, hash: string | null = null): Rows[number] => [
  'INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)',
  [id, name, `${name}@example.org`, hash, made, made],
];

export const settings = (owner: string, level: string): Rows[number] => [
  'INSERT INTO user_settings VALUES (?, ?, ?, ?, 30, ?, ?)',
  [`s-${owner}`, owner, level, '["store", "ui"]', made, '2025-01-02 03:04:05'],
];

export const tenant = (id: string, name: string, owner: string): Rows[number] => [
  'INSERT INTO tenants VALUES (?, ?, ?, ?, ?)',
  [id, name, owner, made, made],
];

export const tenantTables: Rows = [
  [
    `CREATE TABLE account_groups (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, "sortOrder" INTEGER, logo_path VARCHAR, ${BOTH})`,
  ],
  [
    `CREATE TABLE accounts (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, description TEXT, note TEXT, "accountType" VARCHAR(13),
      "isActive" BOOLEAN, "isOfflineBudget" BOOLEAN, "accountGroupId" VARCHAR REFERENCES account_groups (id), "sortOrder" INTEGER,
      iban VARCHAR, balance NUMERIC(10, 2), "creditLimit" NUMERIC(10, 2), "offset" INTEGER, logo_path VARCHAR, ${BOTH})`,
  ],
  [
    `CREATE TABLE tags (id VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, "parentTagId" VARCHAR, color VARCHAR, icon VARCHAR, ${BOTH})`,
  ],
];

export const account = (id: string, balance: number | string | null, changed: string): Rows[number] => [
  `INSERT INTO accounts VALUES (?, ?, NULL, NULL, 'giro', 1, 0, 'g1', 0, NULL, ?, NULL, 0, NULL, ?, ?)`,
  [id, `Account ${id}`, balance, made, changed],
];

export const tag = (id: string, name: string, changed: string): Rows[number] => [
  'INSERT INTO tags VALUES (?, ?, NULL, NULL, NULL, ?, ?)',
  [id, name, made, changed],
];

/** Names of files as the original has them. */
export async function writeFolder(
  folder: string,
  users: Rows,
  tenants: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  await mkdir(join(folder, 'db'), { recursive: true });
  await mkdir(join(folder, 'tenant_databases'), { recursive: true });
  await writeFile(join(folder, 'db', 'users.db'), sqliteFile([...usersTables, ...users]));
  for (const [id, bytes] of Object.entries(tenants))
    await writeFile(join(folder, 'tenant_databases', `tenantDB_${id}.db`), bytes);
}
