/** Logos of accounts and their groups: small pictures that records name by their path. */
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { LIMITS } from '@ackord/core';
import { answerJson, type RestRoute, refuse, restRoute } from '@ackord/server';
import { z } from 'zod';
import { accessToTenant } from '../access.ts';
import type { FinanceTools } from '../tools.ts';
import { callerIn, tenantIdText } from './calls.ts';
import { isLogoUsed, LOGO_FILE, logoKey, logoPath } from './logos-of-tenant.ts';
import { createLogoMaker } from './make-logo.ts';

const TAG = 'Logos';
const PATH = '/api/v1/logos/{tenant_id}/{file_name}';
const PARAMS = z.object({
  tenant_id: tenantIdText,
  file_name: z.string().regex(LOGO_FILE, 'must be the name of a logo: <uuid>.png'),
});
const MEMBERS = { token: 'optional', note: 'members of the tenant; in the open mode everybody.' } as const;
const WRITERS = {
  token: 'optional',
  note: 'editors and owners of the tenant; in the open mode everybody.',
} as const;
const UNKNOWN = { description: 'There is no such logo, or the tenant is not the caller’s.' };
const MISSING = refuse({ status: 404, code: 'NOT_FOUND', detail: 'There is no such logo.' });

export const logoRoutes = (tools: FinanceTools): RestRoute[] => [upload(tools), read(tools), remove(tools)];

function upload(tools: FinanceTools): RestRoute {
  const makeLogo = createLogoMaker();
  return restRoute({
    method: 'POST',
    path: '/api/v1/logos/upload',
    tag: TAG,
    summary: 'Stores a logo',
    description: `It is scaled down to fit ${LIMITS.logoSideMax} × ${LIMITS.logoSideMax} pixels and kept as PNG. A record uses it once its \`logo_path\` is set to the answer.`,
    access: WRITERS,
    body: {
      kind: 'multipart',
      fields: z.object({
        entity_id: z.string().min(1).max(LIMITS.idLengthMax),
        entity_type: z.enum(['account', 'account_group']),
        tenant_id: tenantIdText,
      }),
      file: {
        name: 'file',
        description: `A PNG or JPEG picture of ${LIMITS.logoPixelsMax} pixels at most.`,
        bytesMax: LIMITS.logoBytesMax,
      },
    },
    answers: {
      201: { description: 'It is stored.', schema: z.object({ logo_path: z.string() }) },
      413: { description: 'It has too many bytes or pixels.' },
      415: { description: 'It is neither PNG nor JPEG, whatever its name says.' },
    },
    async handle(call) {
      const caller = callerIn(tools, call);
      const access = await accessToTenant(tools.engine, caller, call.body.fields.tenant_id, 'EDITOR');
      if (!access.ok) return refuse(access.refusal);
      const logo = await makeLogo(call.body.file.bytes);
      if (!logo.ok) return refuse(logo.refusal);
      const file = `${randomUUID()}.png`;
      await tools.fileStore.put(logoKey(access.tenantId, file), logo.png, 'image/png');
      return answerJson({ logo_path: logoPath(access.tenantId, file) }, 201);
    },
  });
}

const read = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Reads a logo',
    access: MEMBERS,
    params: PARAMS,
    answers: { 200: { description: 'The picture.', contentType: 'image/png' }, 404: UNKNOWN },
    async handle(call) {
      const { tenant_id, file_name } = call.params;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id);
      if (!access.ok) return refuse(access.refusal);
      const stream = await tools.fileStore.read(logoKey(tenant_id, file_name));
      if (!stream) return MISSING;
      return {
        status: 200,
        file: { bytes: await buffer(stream), contentType: 'image/png' },
        // A name is never used for a second picture.
        headers: { 'cache-control': 'private, max-age=86400, immutable' },
      };
    },
  });

const remove = (tools: FinanceTools): RestRoute =>
  restRoute({
    method: 'DELETE',
    path: PATH,
    tag: TAG,
    summary: 'Removes a logo',
    access: WRITERS,
    params: PARAMS,
    answers: {
      204: { description: 'It is gone.' },
      404: UNKNOWN,
      409: { description: 'A record of the tenant uses it.' },
    },
    async handle(call) {
      const { tenant_id, file_name } = call.params;
      const access = await accessToTenant(tools.engine, callerIn(tools, call), tenant_id, 'EDITOR');
      if (!access.ok) return refuse(access.refusal);
      const key = logoKey(tenant_id, file_name);
      if (!(await tools.fileStore.stat(key))) return MISSING;
      if (await isLogoUsed(tools, tenant_id, file_name))
        return refuse({ status: 409, code: 'IN_USE', detail: 'A record of this tenant uses the logo.' });
      await tools.fileStore.remove(key);
      return { status: 204 };
    },
  });
