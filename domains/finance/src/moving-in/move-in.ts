/**
 * Moves households in from the original server's data folder, which it only reads: users with their ids and passwords, tenants
 * with their ids and owners, then the records of each tenant. What is here stays as it is, so it may run again and
 * again. What can't be taken is named and passed over.
 */
import type { Engine, UserStore } from '@ackord/server';
import { tenantScope } from '../access.ts';
import { readTenantDatabase, type Unreadable } from '../sqlite/tenant-file.ts';
import { type DataFolder, fileOfTenant, readWhole, usersFilesOf } from './folder.ts';
import { changeIdOf, importTenant, submitChanges } from './import-tenant.ts';
import { moveSettings } from './settings.ts';
import { Problems, Tally } from './tally.ts';
import { moveUsers } from './users.ts';
import { type ImportedTenant, readUsersFile, type UsersFile } from './users-file.ts';

export interface FinanceMove {
  readonly folder: DataFolder;
  readonly engine: Engine;
  readonly users: UserStore;
  readonly isDryRun: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Is told the file that is read next. */
  readonly onStep: (file: string) => void;
}

export interface FinanceReport {
  readonly isDryRun: boolean;
  /** Users, their settings, tenants, then the records of each tenant. */
  readonly parts: readonly Tally[];
  readonly problems: Problems;
  readonly notes: readonly string[];
}

export type FinanceMoved =
  | { readonly ok: true; readonly report: FinanceReport }
  | { readonly ok: false; readonly message: string };

interface Run extends FinanceMove {
  readonly problems: Problems;
  readonly notes: string[];
}

export async function moveFinanceIn(move: FinanceMove): Promise<FinanceMoved> {
  const run: Run = { ...move, problems: new Problems(), notes: [] };
  const found = await findUsers(run);
  if (!found.ok) return found;
  const { content, file } = found;
  for (const problem of content.problems) run.problems.add(problem);
  const [users, tenants] = [new Tally('Users', run.problems), new Tally('Tenants', run.problems)];
  const here = await moveUsers(run, users, content.users);
  const settings = new Tally('Settings', run.problems);
  for (const one of content.settings) if (here.has(one.user)) await moveSettings(run, settings, one);
  const parts = [users, settings, tenants];
  const used = new Set([file]);
  for (const tenant of content.tenants) {
    const tally = await moveTenant(run, tenants, tenant, here, used);
    if (tally) parts.push(tally);
  }
  for (const left of move.folder.files)
    if (!used.has(left))
      run.problems.add({ table: left, id: '', reason: 'No tenant of the users has this file.' });
  return { ok: true, report: { isDryRun: move.isDryRun, parts, problems: run.problems, notes: run.notes } };
}

type FoundUsers =
  | { readonly ok: true; readonly content: UsersFile; readonly file: string }
  | { readonly ok: false; readonly message: string };

async function findUsers({ folder, onStep, now }: Run): Promise<FoundUsers> {
  let message = 'There is no SQLite file of users, such as users.db, in this folder or below it.';
  for (const file of usersFilesOf(folder)) {
    onStep(file);
    const bytes = await readWhole(folder, file);
    const content = 'ok' in bytes ? bytes : await readUsersFile(bytes, now);
    if (content.ok) return { ok: true, content, file };
    if (content.fault !== 'not-of-users') message = `${file}: ${content.reason}`;
  }
  return { ok: false, message };
}

/** The tally of its records; null: the tenant itself was left out. */
async function moveTenant(
  run: Run,
  tenants: Tally,
  tenant: ImportedTenant,
  usersHere: ReadonlySet<string>,
  used: Set<string>,
): Promise<Tally | null> {
  const file = fileOfTenant(run.folder, tenant.id);
  if (file !== null) used.add(file);
  tenants.read(1);
  const reason = usersHere.has(tenant.owner)
    ? await makeTenant(run, tenants, tenant)
    : `Its user ${tenant.owner} was left out, or is not there: it waits for that user.`;
  if (reason !== null) {
    tenants.leftOut({ table: 'tenants', id: tenant.id, reason });
    return null;
  }
  const tally = new Tally(`${tenant.name} (${tenant.id})`, run.problems, file ?? '');
  if (file === null) run.notes.push(`${tenant.name} (${tenant.id}) has no file there, so it is empty.`);
  else await moveRecords(run, tally, tenant, file);
  return tally;
}

/** Why it can't be had; null: it is here. */
async function makeTenant(
  { engine, isDryRun }: Run,
  tally: Tally,
  { id, name, owner, createdAt, updatedAt }: ImportedTenant,
): Promise<string | null> {
  const actor = { userId: owner };
  const [before] = await engine.records(actor, [{ type: 'finance.Tenant', id }]);
  if (isDryRun) {
    tally.count(before ? (before.fields.name === name ? 'unchanged' : 'changed') : 'created');
    return null;
  }
  const change = {
    entityType: 'Tenant',
    id,
    operation: 'CREATE',
    clientTime: updatedAt,
    changeId: changeIdOf('Tenant', id, name, updatedAt),
    fields: { name },
    ...(createdAt !== null && { created: { by: owner, at: createdAt } }),
  };
  const [receipt] = await submitChanges(engine, { actor, origin: 'server', changes: [change] });
  if (!receipt || 'code' in receipt) return receipt?.message ?? 'The server gave no answer.';
  if (!(await engine.scopes(actor)).has(tenantScope(id)))
    return 'It was deleted here, or its user has no access to it here any more.';
  if (before === undefined) tally.count('created');
  else if (!receipt.stands && !receipt.replayed) tally.count('kept');
  else tally.count((receipt.version ?? 0) > before.version ? 'changed' : 'unchanged');
  return null;
}

async function moveRecords(
  run: Run,
  tally: Tally,
  { id, owner }: ImportedTenant,
  file: string,
): Promise<void> {
  const { folder, engine, isDryRun, notes } = run;
  run.onStep(file);
  const bytes = await readWhole(folder, file);
  const content = 'ok' in bytes ? bytes : await readTenantDatabase(bytes);
  if (!content.ok) return passOver(tally, content);
  tally.unread(content.problems, content.problemCount);
  if (content.missing.length > 0) notes.push(`${file} has no table ${content.missing.join(', ')}.`);
  await importTenant({ engine, actor: { userId: owner }, tenantId: id, tally, isDryRun }, content.records);
}

const passOver = (tally: Tally, { reason }: Unreadable): void => tally.problem({ table: '', id: '', reason });
