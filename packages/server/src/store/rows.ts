/** The smaller rows as the database gives them, and as the engine knows them. */
import type { Role } from '@ackord/core';
import type {
  Location,
  Membership,
  ScopeDigest,
  ScopeState,
  StoredReceipt,
  WaitingChange,
} from '../engine/ports.ts';

export interface ScopeRow {
  readonly id: string;
  readonly head: number;
  readonly horizon: number;
  readonly created_at: number;
  readonly closed_at: number | null;
}

export const scopeOf = ({ id, head, horizon, created_at, closed_at }: ScopeRow): ScopeState => ({
  id,
  head,
  horizon,
  createdAt: created_at,
  closedAt: closed_at,
});

export interface LocationRow {
  readonly type: string;
  readonly id: string;
  readonly scope_id: string;
  readonly alias_of: string | null;
}

export const locationOf = ({ type, id, scope_id, alias_of }: LocationRow): Location => ({
  type,
  id,
  scope: scope_id,
  aliasOf: alias_of,
});

export interface MembershipRow {
  readonly scope_id: string;
  readonly user_id: string;
  readonly role: Role;
  readonly granted_at: number;
  readonly revoked_at: number | null;
}

export const membershipOf = (row: MembershipRow): Membership => ({
  scope: row.scope_id,
  userId: row.user_id,
  role: row.role,
  grantedAt: row.granted_at,
  revokedAt: row.revoked_at,
});

export interface ReceiptRow {
  readonly actor_id: string;
  readonly change_id: string;
  readonly fingerprint: string;
  readonly scope_id: string;
  readonly body: unknown;
}

export const receiptOf = (row: ReceiptRow): StoredReceipt => ({
  actor: row.actor_id,
  changeId: row.change_id,
  fingerprint: row.fingerprint,
  scope: row.scope_id,
  body: row.body,
});

export interface WaitingRow {
  readonly actor_id: string;
  readonly id: string;
  readonly parent_type: string;
  readonly parent_id: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly conflict_id: string;
  readonly payload: unknown;
  readonly created_at: number;
}

export const waitingOf = (row: WaitingRow): WaitingChange => ({
  id: row.id,
  actor: row.actor_id,
  parent: { type: row.parent_type, id: row.parent_id },
  target: { type: row.target_type, id: row.target_id },
  conflictId: row.conflict_id,
  payload: row.payload,
  createdAt: row.created_at,
});

export interface DigestRow {
  readonly scope_id: string;
  readonly type: string;
  readonly count: number;
  readonly high: string;
  readonly low: string;
}

export const digestOf = ({ scope_id, type, count, high, low }: DigestRow): ScopeDigest => ({
  scope: scope_id,
  type,
  digest: { count, high: unsigned(high), low: unsigned(low) },
});

const unsigned = (signed: string): bigint => BigInt.asUintN(64, BigInt(signed));
