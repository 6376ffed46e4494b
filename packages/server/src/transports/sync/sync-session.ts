/**
 * A session of the native protocol from its `welcome` on: takes messages one by one, answers each, and holds at most one
 * subscription.
 */
import { randomUUID } from 'node:crypto';
import {
  type CLIENT_MESSAGES,
  type DigestRequest,
  formatDigest,
  LIMITS,
  type Push,
  type Subscribe,
} from '@ackord/core';
import type { Actor } from '../../engine/submission.ts';
import { busy } from '../../limits/come-again.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import { decodeChange } from './decode-push.ts';
import { type FeedFilter, unknownType } from './feed-filter.ts';
import type { Turn } from './push-gate.ts';
import { Subscription } from './subscription.ts';
import { syncErrorMessage } from './sync-error.ts';
import type { SyncTools } from './sync-tools.ts';
import { wireReceipt } from './wire-receipt.ts';

export interface SyncSessionParts {
  readonly tools: SyncTools;
  readonly socket: LiveSocket;
  readonly actor: Actor;
  readonly domain: string;
  readonly device: string;
  readonly tenant: string | null;
  /** Takes a newer token: the moment when it ends, or null when it is not one of this user. */
  readonly renew: (token: string) => Promise<number | null>;
}

export class SyncSession {
  readonly id = randomUUID();
  readonly #parts: SyncSessionParts;
  #subscription: Subscription | null = null;

  constructor(parts: SyncSessionParts) {
    this.#parts = parts;
  }

  send(message: object): void {
    this.#parts.socket.send(JSON.stringify(message));
  }

  end(): void {
    this.#subscription?.end();
  }

  /** `characters`: of the text that waits for its turn. */
  inTurn(characters: number, work: (turn: Turn) => Promise<void>): Promise<void> {
    const { tools, actor } = this.#parts;
    return tools.pushes.pass(actor.userId, characters, work);
  }

  /** A message of a known type and of the right shape. `turn`: null if it has none yet. */
  async take(message: { readonly type: string }, turn: Turn | null): Promise<void> {
    switch (message.type as keyof typeof CLIENT_MESSAGES) {
      case 'hello':
        return this.send(syncErrorMessage('MALFORMED', 'hello was said before.', message));
      case 'push':
        if (turn === null) return this.inTurn(0, (own) => this.#push(message as Push, own));
        return this.#push(message as Push, turn);
      case 'subscribe':
        return this.#subscribe(message as Subscribe);
      case 'digest':
        return this.#digest(message as DigestRequest);
      case 'renew':
        return this.#renew((message as { readonly type: string; readonly token: string }).token);
      case 'ping':
        return this.send({ ...message, type: 'pong', time: Date.now() });
      case 'pong':
        return;
    }
  }

  async #push({ id, changes, cursor }: Push, turn: Turn): Promise<void> {
    const { tools, actor, domain, device, tenant } = this.#parts;
    const { engine } = tools;
    const checked = cursor === undefined ? null : engine.checkCursor(actor, cursor);
    if (checked?.ok === false)
      return this.send(syncErrorMessage(checked.code, undefined, { type: 'push', id }));
    const decoded = changes.map(decodeChange);
    const submission = {
      domain,
      actor,
      device,
      batchId: id,
      origin: 'client',
      cursor: cursor ?? null,
      ...(tenant !== null && { tenant }),
      changes: decoded,
    } as const;
    const { receipts, serverTime } = turn === 'refused' ? busy(decoded) : await engine.submit(submission);
    this.send({ type: 'receipts', id, receipts: receipts.map(wireReceipt), time: serverTime });
  }

  #subscribe({ cursor, seen, types, priority }: Subscribe): void {
    const { tools, socket, actor, domain } = this.#parts;
    const unknown = unknownType(tools.engine.registry.domain(domain), types ?? []);
    if (unknown !== undefined) {
      this.send(syncErrorMessage('BAD_USER_INPUT', `types: there is no ${unknown}.`, { type: 'subscribe' }));
      return;
    }
    const filter: FeedFilter = {
      domain,
      types: types ?? null,
      priority: (priority ?? 0) as FeedFilter['priority'],
    };
    this.#subscription?.end();
    this.#subscription = new Subscription({
      tools,
      socket,
      actor,
      filter,
      cursor: cursor ?? null,
      seen: seen ?? {},
      send: (message) => this.send(message),
      refuse: (code) => this.send(syncErrorMessage(code, undefined, { type: 'subscribe' })),
    });
  }

  async #digest({ id, scopes }: DigestRequest): Promise<void> {
    const { tools, actor, domain } = this.#parts;
    const known = tools.engine.registry.domain(domain).synced;
    const names = new Map(known.map(({ key, name }) => [key, name]));
    const found = await tools.engine.scopeDigests(actor, scopes ?? null);
    const answers = found.map(({ scope, head, digests }) => ({
      scope,
      seq: head,
      types: Object.fromEntries(
        digests.flatMap(({ type, digest }) => {
          const name = names.get(type);
          return name === undefined || digest.count === 0 ? [] : [[name, formatDigest(digest)]];
        }),
      ),
    }));
    this.send({ type: 'digests', id, scopes: answers });
  }

  async #renew(token: string): Promise<void> {
    const tokenEnds = await this.#parts.renew(token);
    if (tokenEnds === null)
      return this.send(syncErrorMessage('UNAUTHENTICATED', undefined, { type: 'renew' }));
    this.send({ type: 'renewed', tokenEnds });
  }
}

/** Longest `bye` hint: sessions that were closed together come back spread over it. */
export const resumeAfterMs = (): number => Math.floor(Math.random() * LIMITS.resumeSpreadMs);
