/**
 * The native protocol for callers without sockets: a push is answered with its receipts, a pull with the feed since a
 * cursor as lines of JSON, one `page` a line, until there is no more. Pages are read as fast as the caller takes them.
 */
import { Readable } from 'node:stream';
import { errorText, LIMITS } from '@ackord/core';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Engine, PullRequest } from '../../engine/engine.ts';
import { addRestRoutes } from '../rest/add-rest-routes.ts';
import { type RestAnswer, refuse, statusOfCode } from '../rest/answer.ts';
import { type RestCall, type RestRoute, restRoute } from '../rest/route.ts';
import { decodeChange } from './decode-push.ts';
import { unknownType } from './feed-filter.ts';
import { pageText } from './page-text.ts';
import type { SyncTools } from './sync-tools.ts';
import { wireReceipt } from './wire-receipt.ts';

export const addSyncRoutes = (app: FastifyInstance, tools: SyncTools): Promise<void> =>
  addRestRoutes(app, [pushRoute(tools), pullRoute(tools)]);

const ACCESS = { token: 'required', note: 'Any user, for what it has access to.' } as const;

const pushBody = z.object({
  domain: z.string().max(64),
  /** Names the push in logs. */
  id: z.string().min(1).max(128).optional(),
  device: z.string().min(1).max(128).optional(),
  tenant: z.string().min(1).max(64).optional(),
  cursor: z.string().max(LIMITS.cursorBytesMax).optional(),
  changes: z.array(z.unknown()).min(1).max(LIMITS.changesPerSubmissionMax),
});

const pushRoute = ({ engine, schemaOf }: SyncTools): RestRoute =>
  restRoute({
    method: 'POST',
    path: '/api/v1/sync/push',
    tag: 'Sync',
    summary: 'Send changes and get a receipt for each, after the commit.',
    access: ACCESS,
    body: pushBody,
    bodyBytesMax: LIMITS.bodyBytesMax,
    answers: { 200: { description: 'One receipt per change, in their order.' } },
    async handle({ body, authentication }) {
      if (authentication.outcome !== 'actor') return refuse(NO_TOKEN);
      if (schemaOf(body.domain) === null) return badInput('domain: there is no such domain here.');
      const { actor, session } = authentication;
      const checked = body.cursor === undefined ? null : engine.checkCursor(actor, body.cursor);
      if (checked?.ok === false) return refusal(checked.code);
      const { receipts, serverTime } = await engine.submit({
        domain: body.domain,
        actor,
        device: body.device ?? session,
        batchId: body.id ?? '',
        origin: 'client',
        cursor: body.cursor ?? null,
        ...(body.tenant !== undefined && { tenant: body.tenant }),
        changes: body.changes.map(decodeChange),
      });
      return { status: 200, body: { receipts: receipts.map(wireReceipt), time: serverTime } };
    },
  });

const pullQuery = z.object({
  domain: z.string().max(64),
  cursor: z.string().max(LIMITS.cursorBytesMax).optional(),
  /** Names, with commas between. */
  types: z.string().max(4_096).optional(),
  priority: z.coerce.number().int().min(0).max(3).optional(),
});

const pullRoute = ({ engine, schemaOf }: SyncTools): RestRoute =>
  restRoute({
    method: 'GET',
    path: '/api/v1/sync/pull',
    tag: 'Sync',
    summary: 'The feed since a cursor, as lines of JSON, a page each.',
    access: ACCESS,
    query: pullQuery,
    answers: { 200: { description: 'Pages, the last one with more: false.', contentType: NDJSON } },
    async handle({ query, authentication }: RestCall<unknown, z.output<typeof pullQuery>>) {
      if (authentication.outcome !== 'actor') return refuse(NO_TOKEN);
      if (schemaOf(query.domain) === null) return badInput('domain: there is no such domain here.');
      const types = query.types?.split(',') ?? null;
      const unknown = unknownType(engine.registry.domain(query.domain), types ?? []);
      if (unknown !== undefined) return badInput(`types: there is no ${unknown}.`);
      const first: PullRequest = {
        actor: authentication.actor,
        domain: query.domain,
        device: null,
        cursor: query.cursor ?? null,
        since: 0,
        types,
        priority: (query.priority ?? 0) as PullRequest['priority'],
        limit: LIMITS.syncPageRowsMax,
        live: { seen: {} },
      };
      const page = await engine.pullTexts(first);
      if (!page.ok) return refusal(page.code);
      return {
        status: 200,
        stream: { contentType: NDJSON, bytes: Readable.from(lines(engine, first, page)) },
      };
    },
  });

const NDJSON = 'application/x-ndjson; charset=utf-8';

async function* lines(
  engine: Engine,
  request: PullRequest,
  first: Awaited<ReturnType<Engine['pullTexts']>>,
): AsyncGenerator<string | Uint8Array> {
  for (let read = first; ; ) {
    if (!read.ok) {
      // The status is long sent; a line that is no page says that the feed ends here.
      yield `${JSON.stringify({ type: 'error', code: read.code, message: read.message })}\n`;
      return;
    }
    yield pageText(read.page);
    yield '\n';
    if (!read.page.hasMore) return;
    read = await engine.pullTexts({ ...request, cursor: read.page.cursor });
  }
}

const NO_TOKEN = { status: 401, code: 'UNAUTHENTICATED' } as const;

const refusal = (code: Parameters<typeof statusOfCode>[0]): RestAnswer =>
  refuse({ status: statusOfCode(code), code, detail: errorText(code) });

const badInput = (detail: string): RestAnswer => refuse({ status: 400, code: 'BAD_USER_INPUT', detail });
