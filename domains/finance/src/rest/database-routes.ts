/** A tenant as a SQLite file: taking all of it away, and making a tenant of such a file. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@ackord/core';
import { answerJson, type RestAnswer, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant, NO_TENANT, type UserAccess, userOf } from '../access.ts';
import { ImportStopped, importTenant } from '../moving-in/import-tenant.ts';
import { Problems, Tally } from '../moving-in/tally.ts';
import { exportTenant } from '../sqlite/export-tenant.ts';
import { readTenantDatabase, type TenantFile, type Unreadable } from '../sqlite/tenant-file.ts';
import type { FinanceTools } from '../tools.ts';
import { callerIn, MESSAGE, nameText, tenantIdText } from './calls.ts';
import { deleteTenant, makeTenant, readTenant } from './tenants.ts';

const TAG = 'Databases';
const CONTENT_TYPE = 'application/octet-stream';
const SHOWN_PROBLEMS_MAX = 50;

export const databaseRoutes = (tools: FinanceTools): RestRoute[] => [exportRoute(tools), importRoute(tools)];

export const exportRoute = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/tenant/export-database',
    tag: TAG,
    summary: 'All records of a tenant as a SQLite file',
    description: 'As they are at one moment, in a table per type. What was deleted is not in it.',
    access: { token: 'optional', note: 'members of the tenant; in the open mode everybody.' },
    query: z.object({ tenant_id: tenantIdText.describe('The tenant’s id.') }),
    answers: {
      200: { description: 'The file.', contentType: CONTENT_TYPE },
      404: { description: 'No tenant of the caller has this id.' },
    },
    async handle(call) {
      const access = await accessToTenant(tools.engine, callerIn(tools, call), call.query.tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const { actor, tenantId } = access;
      const exported = await exportTenant(tools.engine, actor, tenantId);
      if (!exported.ok) return exported.error === null ? BUSY : refuse(NO_TENANT);
      // In the open mode whoever names a tenant may act in it, also where there is none.
      if (exported.records === 0 && !(await readTenant(tools, tenantId))) return refuse(NO_TENANT);
      return {
        status: 200,
        file: { bytes: exported.bytes, contentType: CONTENT_TYPE },
        headers: {
          'content-disposition': `attachment; filename="tenant_${tenantId}.sqlite"`,
          'cache-control': 'no-store',
        },
      };
    },
  });

const IMPORTED = MESSAGE.extend({
  tenant_name: z.string(),
  imported: z.int().describe('Records that the tenant has now.'),
  left_out: z.int().describe('Rows that could not be taken.'),
  problems: z
    .array(z.object({ table: z.string(), id: z.string(), reason: z.string() }))
    .max(SHOWN_PROBLEMS_MAX)
    .describe('What was wrong with the first of them.'),
}).meta({ id: 'ImportedTenant', description: 'What came of a file.' });

export const importRoute = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/tenant/import-database',
    tag: TAG,
    summary: 'Makes a tenant of a SQLite file',
    description:
      'A new tenant with an id of its own, whose records keep their ids. Rows that can’t be taken are named in the answer; the others come in.',
    access: {
      token: 'optional',
      note: 'every user; in the open mode everybody who names a user in X-User-Id.',
    },
    body: {
      kind: 'multipart',
      fields: z.object({ new_tenant_name: nameText }),
      file: {
        name: 'database_file',
        description: `A SQLite file of ${LIMITS.sqliteFileBytesMax / 1024 / 1024} MB and ${LIMITS.sqliteRowsMax} rows at most.`,
        bytesMax: LIMITS.sqliteFileBytesMax,
      },
    },
    answers: {
      200: { description: 'The tenant is made.', schema: IMPORTED },
      400: { description: 'The file can’t be read, or the user has a tenant of this name.' },
      404: { description: 'There is no such user.' },
      413: { description: 'The file is too large.' },
    },
    async handle(call) {
      const user = userOf(callerIn(tools, call));
      if (!user.ok) return refuse(user.refusal);
      const [known] = await tools.users.usersById([user.userId]);
      if (!known) return refuse({ status: 404, code: 'NOT_FOUND', detail: 'There is no such user.' });
      const { fields, file } = call.body;
      const read = await readTenantDatabase(file.bytes);
      return read.ok ? makeOf(tools, user, fields.new_tenant_name, read) : refuseFile(read);
    },
  });

type User = Extract<UserAccess, { ok: true }>;

async function makeOf(
  tools: FinanceTools,
  { actor }: User,
  name: string,
  file: TenantFile,
): Promise<RestAnswer> {
  const tenantId = randomUUID();
  const made = await makeTenant(tools, actor, tenantId, name);
  if (!made.ok) return made.answer;
  const problems = new Problems();
  const tally = new Tally(name, problems);
  tally.unread(file.problems, file.problemCount);
  try {
    await importTenant({ engine: tools.engine, actor, tenantId, tally }, file.records);
  } catch (error) {
    // Half a household is worse than none, and nobody has seen it yet.
    await deleteTenant(tools, actor, tenantId).catch(() => {});
    if (error instanceof ImportStopped) return BUSY;
    throw error;
  }
  const { created, leftOut } = tally.counts;
  return answerJson({
    message: 'The tenant is imported.',
    tenant_id: tenantId,
    tenant_name: name,
    imported: created,
    left_out: leftOut,
    problems: problems.list.slice(0, SHOWN_PROBLEMS_MAX),
  });
}

function refuseFile({ fault, reason }: Unreadable): RestAnswer {
  switch (fault) {
    case 'busy':
      return BUSY;
    case 'too-large':
    case 'too-many-rows':
    case 'too-many-tables':
      return refuse({ status: 413, code: 'TOO_LARGE', detail: reason });
    default:
      return refuse({ status: 400, code: 'BAD_USER_INPUT', detail: reason });
  }
}

const BUSY = refuse({
  status: 503,
  code: 'BUSY',
  detail: 'The server is busy with other files or changes.',
  retryAfterMs: 10_000,
});
