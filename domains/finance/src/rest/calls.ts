/** What the handlers of this folder share: who calls, and answers to what the engine or the accounts refuse. */

import { randomUUID } from 'node:crypto';
import { isUuid, LIMITS } from '@ackord/core';
import {
  type AccountResult,
  type RawChange,
  type Receipt,
  type RestAnswer,
  type RestCall,
  refuse,
  statusOfCode,
} from '@ackord/server';
import { z } from 'zod';
import { type Caller, callerOf, USER_HEADER } from '../access.ts';
import type { FinanceTools } from '../tools.ts';

export type Call = Pick<RestCall, 'authentication' | 'headers'>;

/** `named`: users that the request names beside the header. */
export function callerIn(
  { openAccess }: Pick<FinanceTools, 'openAccess'>,
  { authentication, headers }: Call,
  ...named: (string | undefined)[]
): Caller {
  const header = headers[USER_HEADER];
  return callerOf({
    authentication,
    claimed: [...named, typeof header === 'string' ? header : null],
    openAccess,
  });
}

/** A UUID in lower case, as users have it. */
export const userIdText = z
  .string()
  .refine(isUuid, 'must be a UUID')
  .transform((id) => id.toLowerCase())
  .meta({ format: 'uuid' });

export const tenantIdText = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must have 1 to 64 letters, digits, - or _');

export const nameText = z.string().trim().min(1).max(LIMITS.nameLengthMax);

/** The user for whom an app without a token acts. */
export const USER_QUERY = z.object({
  user_id: userIdText
    .optional()
    .describe('Who asks, where no token says so. With a token it must be the same user.'),
});

export const TENANT_PARAMS = z.object({ tenant_id: tenantIdText.describe('The tenant’s id.') });

export const USER_PARAMS = z.object({ user_id: userIdText.describe('The user’s id.') });

export const MESSAGE = z.object({ message: z.string(), tenant_id: z.string() });

type Submitting = Pick<FinanceTools, 'engine'>;

/** Sends changes by order of the actor, a receipt for each. `tenant`: of the records, for types that live in one. */
export async function submit(
  { engine }: Submitting,
  actor: { readonly userId: string },
  changes: readonly RawChange[],
  tenant?: string,
): Promise<readonly Receipt[]> {
  const result = await engine.submit({
    domain: 'finance',
    actor,
    device: null,
    batchId: randomUUID(),
    origin: 'server',
    ...(tenant !== undefined && { tenant }),
    changes,
  });
  return result.receipts;
}

/** The answer to a change that was not taken; null when it was. */
export function refusedBy(receipt: Receipt | undefined): RestAnswer | null {
  if (receipt === undefined) return refuse({ status: 500, code: 'INTERNAL' });
  if (receipt.status !== 'rejected' && receipt.status !== 'retry') return null;
  const { code, message, retryAfterMs } = receipt;
  const { headers } = refuse({ status: 0, code, ...(retryAfterMs > 0 && { retryAfterMs }) });
  return { status: statusOfCode(code), body: { detail: message, code }, ...(headers && { headers }) };
}

export function refusedAccount(
  result: Extract<AccountResult<unknown>, { ok: false }>,
  status = statusOfCode(result.code),
): RestAnswer {
  const { code, message, retryAfterMs } = result;
  const isPassing = code === 'RATE_LIMITED' || code === 'UNAVAILABLE';
  const { headers } = refuse({ status: 0, code, ...(retryAfterMs > 0 && { retryAfterMs }) });
  return {
    status: isPassing ? statusOfCode(code) : status,
    body: { detail: message, code },
    ...(headers && { headers }),
  };
}
