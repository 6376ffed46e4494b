/** What the routes under /api/v1/sync are given, and what they share. */
import { isWellFormedText, LIMITS } from '@ackord/core';
import {
  type CallError,
  type Checkpoints,
  type Engine,
  type Logger,
  type RestAnswer,
  refuse,
  type SyncModels,
  statusOfCode,
} from '@ackord/server';
import { z } from 'zod';
import type { SyncQueue } from '../live.ts';
import type { TenantChecksums } from '../status/tenant-checksums.ts';
import { parseMoment } from '../wire/moment.ts';

export interface SyncTools {
  readonly engine: Engine;
  readonly models: SyncModels;
  readonly checkpoints: Checkpoints;
  readonly checksums: TenantChecksums;
  readonly queue: SyncQueue;
  readonly logger: Pick<Logger, 'info'>;
  /** Whoever names a tenant without a token is believed. */
  readonly openAccess: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export const SYNC = 'Sync';

export const MEMBER = {
  token: 'optional',
  note: 'members of the tenant; in the open mode everybody.',
} as const;
export const EDITOR = {
  token: 'optional',
  note: 'members of the tenant who may write; in the open mode everybody.',
} as const;
export const OWNER = { token: 'optional', note: 'the tenant’s owner; in the open mode everybody.' } as const;

export const NOT_YOURS = {
  403: { description: 'The caller’s role does not allow this, or the request names another user.' },
  404: { description: 'Nothing of the caller has this id.' },
};

/** Plain text: the database has no word for NUL and lone surrogates. */
export const plainText = z.string().refine(isWellFormedText, 'must hold neither NUL nor lone surrogates');
export const typeText = plainText.max(LIMITS.wordLengthMax);
export const count = z.int().min(0);
export const seconds = z.int().describe('Seconds since 1970.');
export const moment = z.string().describe('ISO 8601, UTC.');

/** Digits are seconds since 1970. Milliseconds come out. */
const sinceText = z
  .string()
  .refine((text) => sinceOf(text) !== null, 'must be an ISO 8601 moment or seconds since 1970')
  .transform((text) => sinceOf(text));

const SECONDS = /^\d{1,11}$/;
const sinceOf = (text: string): number | null =>
  SECONDS.test(text) ? Number(text) * 1_000 : parseMoment(text);

/** How a list is asked for. */
export const LIST_QUERY = z.object({
  limit: z.coerce.number().int().min(1).max(LIMITS.modelRowsMax).default(LIMITS.modelRowsDefault),
  cursor: z.string().optional().describe('The `next_cursor` of the page before.'),
  since: sinceText.optional().describe('Only what is not older: ISO 8601, or seconds since 1970.'),
});

export const NEXT_CURSOR = z.string().nullable().describe('Of the next page; null: this is the last one.');

export const CURSOR_REFUSED: RestAnswer = refuse({ status: 400, code: 'CURSOR_MALFORMED' });

const BUSY_MS = 1_000;

/** The answer to a call that the engine refuses. Unknown and forbidden are one. */
export function refusedCall({ code, message }: CallError): RestAnswer {
  const isPassing = code === 'BUSY' || code === 'UNAVAILABLE';
  const { headers } = refuse({ status: 0, code, ...(isPassing && { retryAfterMs: BUSY_MS }) });
  return { status: statusOfCode(code), body: { detail: message, code }, ...(headers && { headers }) };
}

/** What an administrator has done: kept with the tenant, and told to the log. */
export async function noteAct(
  { models, logger }: Pick<SyncTools, 'models' | 'logger'>,
  tenantId: string,
  actor: { readonly userId: string },
  act: string,
  subject: string,
  detail: { readonly [name: string]: unknown } | null = null,
): Promise<void> {
  await models.recordAct({ tenantId, actor: actor.userId, act, subject, detail });
  logger.info({ act, subject, userId: actor.userId }, 'administration');
}
