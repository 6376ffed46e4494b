/**
 * Reads a request into a call: path, query and body against the schemas of the route. Answers with the call, or with
 * all faults (up to LIMITS.restFaultsMax), each with its place. Never tells what was sent, nor the words of a library.
 */
import { issueText, LIMITS } from '@ackord/core';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Fault } from './answer.ts';
import { readMultipart } from './read-multipart.ts';
import { isMultipart, type RestCall, type RestRoute } from './route.ts';

export type ReadCall =
  | { readonly ok: true; readonly call: RestCall }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export async function readCall(route: RestRoute, request: FastifyRequest): Promise<ReadCall> {
  const path = check(route.params, request.params, 'path');
  const query = check(route.query, request.query, 'query');
  const body = await readBody(route, request);
  const faults = [path, query, body].flatMap((part) => ('faults' in part ? part.faults : []));
  if ('faults' in path || 'faults' in query || 'faults' in body)
    return { ok: false, faults: faults.slice(0, LIMITS.restFaultsMax) };
  const { headers, authentication, ip } = request;
  const call = {
    params: path.value,
    query: query.value,
    body: body.value,
    headers,
    authentication,
    address: ip,
    origin: headers.origin ?? null,
  };
  return { ok: true, call };
}

type Checked = { readonly value: unknown } | { readonly faults: readonly Fault[] };

async function readBody(route: RestRoute, request: FastifyRequest): Promise<Checked> {
  const { body, bodyOptional } = route;
  if (body === undefined) return { value: undefined };
  if (!isMultipart(body)) return check(body, request.body ?? (bodyOptional ? {} : undefined), 'body');
  const read = await readMultipart(body, request);
  const fields = check(body.fields, read.fields, 'body');
  const missing = read.file ? [] : [missingAt(['body', body.file.name])];
  const faults = [...('faults' in fields ? fields.faults : []), ...missing];
  if (faults.length > 0 || 'faults' in fields) return { faults };
  return { value: { fields: fields.value, file: read.file } };
}

const REQUIRED = 'Field required';
const missingAt = (loc: Fault['loc']): Fault => ({ loc, msg: REQUIRED, type: 'missing' });

function check(schema: z.ZodType | undefined, value: unknown, place: 'path' | 'query' | 'body'): Checked {
  if (schema === undefined) return { value: undefined };
  const checked = schema.safeParse(value, {
    error: (issue) => (issue.input === undefined ? REQUIRED : issueText(issue)),
  });
  if (checked.success) return { value: checked.data };
  return {
    faults: checked.error.issues.slice(0, LIMITS.restFaultsMax).map(({ path, code, message }) => ({
      loc: [place, ...path.map((step) => (typeof step === 'number' ? step : String(step)))],
      msg: message,
      type: message === REQUIRED ? 'missing' : code,
    })),
  };
}
