/**
 * What one session is told: pages from its cursor on until it has all, then what is committed. It goes back to pages
 * whenever the way forward is not a single step: it reads too slowly, something lies between, or access has changed.
 * Promise: everything, in the order of each scope; nothing of a scope after access to it ended.
 */
import { type ErrorCode, LIMITS, type Role } from '@ackord/core';
import type { Page } from '../../engine/engine.ts';
import type { Membership } from '../../engine/ports.ts';
import type { Actor } from '../../engine/submission.ts';
import type { LiveSocket } from '../websocket/live-socket.ts';
import type { FeedFilter } from './feed-filter.ts';
import { pageText } from './page-text.ts';
import type { Batch, Guest, ScopeRoom } from './scope-room.ts';
import type { SyncTools } from './sync-tools.ts';

export interface SubscriptionParts {
  readonly tools: SyncTools;
  readonly socket: LiveSocket;
  readonly actor: Actor;
  readonly filter: FeedFilter;
  readonly cursor: string | null;
  readonly seen: Readonly<Record<string, number>>;
  readonly send: (message: object) => void;
  /** The cursor can't be gone on from. */
  readonly refuse: (code: ErrorCode) => void;
}

export class Subscription implements Guest {
  readonly #parts: SubscriptionParts;
  #cursor: string | null;
  /** How far the session was told, by scope. */
  #positions: Map<string, number>;
  #roles: ReadonlyMap<string, Role> = new Map();
  readonly #rooms = new Map<string, ScopeRoom>();
  #state: 'paging' | 'live' | 'ended' = 'paging';
  #isRunning = false;
  #mustLookAgain = false;
  readonly #unfollow: () => void;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
    this.#cursor = parts.cursor;
    this.#positions = new Map(Object.entries(parts.seen));
    this.#unfollow = parts.tools.engine.followUser(parts.actor.userId, (moved) => this.#hearOfAccess(moved));
    this.#catchUp();
  }

  end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#unfollow();
    for (const room of this.#rooms.values()) room.leave(this);
    this.#rooms.clear();
  }

  lookAtAccess(): void {
    this.#catchUp();
  }

  /** It may have been looked at since: after a restart all sessions would look twice. */
  #hearOfAccess(moved: readonly Membership[] = []): void {
    const isKnown = ({ scope, role, revokedAt }: Membership): boolean =>
      this.#roles.get(scope) === (revokedAt === null ? role : undefined);
    if (this.#state !== 'live' || moved.length === 0 || !moved.every(isKnown)) this.#catchUp();
  }

  deliver({ scope, from, to, frames }: Batch): void {
    const at = this.#positions.get(scope) ?? 0;
    // While pages are read they bring it, or it is found afterwards that it is missing.
    if (this.#state !== 'live' || to <= at) return;
    const { socket, send } = this.#parts;
    const isBehind = socket.bufferedBytes > LIMITS.socketBehindBytesMax;
    if (isBehind) send({ type: 'behind' });
    if (isBehind || from > at) {
      this.#catchUp();
      return;
    }
    if (frames) socket.sendFrames(frames);
    this.#positions.set(scope, to);
  }

  #catchUp(): void {
    if (this.#state === 'ended') return;
    this.#state = 'paging';
    this.#mustLookAgain = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#run().catch((cause: unknown) => {
      this.#isRunning = false;
      this.#parts.tools.logger.warn({ err: cause }, 'a session could not be brought up to date');
      setTimeout(() => this.#catchUp(), LIMITS.socketCatchUpMs).unref();
    });
  }

  /** Until the session is live, or gone; then it runs no more. */
  async #run(): Promise<void> {
    while (this.#mustLookAgain && this.#isOpen) {
      await this.#drained();
      const roles = await this.#readPages();
      if (roles === null || !this.#isOpen) return;
      this.#tellRoles(roles);
      await this.#enterRooms(roles);
      if (!this.#isAligned()) this.#mustLookAgain = true;
    }
    if (!this.#isOpen) return;
    // Both at once: who is told in between to catch up has to run again.
    this.#isRunning = false;
    this.#state = 'live';
    this.#parts.send({ type: 'live', time: Date.now() });
  }

  get #isOpen(): boolean {
    return this.#state !== 'ended' && this.#parts.socket.isOpen;
  }

  /** null: the cursor was refused, or the session is gone. */
  async #readPages(): Promise<ReadonlyMap<string, Role> | null> {
    let reading = this.#readPage();
    for (;;) {
      const read = await reading;
      if (read === null || !this.#isOpen) return null;
      if (!read.ok) {
        this.#parts.refuse(read.code);
        this.end();
        return null;
      }
      const { page } = read;
      this.#note(page);
      if (page.hasMore) {
        // The database makes the next one while this one is sent. If that fails, it is heard of when its turn has come.
        reading = this.#readPage();
        reading.catch(() => undefined);
      }
      this.#parts.socket.send(pageText(page));
      if (!page.hasMore) return page.roles;
      await this.#drained();
    }
  }

  /** null: the session has gone while it waited for its turn. */
  #readPage() {
    const { tools, actor, filter } = this.#parts;
    return tools.pulls.pass(actor.userId, async () => {
      await tools.door.quiet();
      if (!this.#isOpen) return null;
      // What was heard while it waited for its turn is on the page that is read now.
      this.#mustLookAgain = false;
      return tools.engine.pullTexts({
        actor,
        domain: filter.domain,
        device: null,
        cursor: this.#cursor,
        since: 0,
        types: filter.types,
        priority: filter.priority,
        limit: LIMITS.syncPageRowsMax,
        live: { seen: Object.fromEntries(this.#positions) },
      });
    });
  }

  #note({ cursor, positions }: Pick<Page, 'cursor' | 'positions'>): void {
    this.#cursor = cursor;
    this.#positions = new Map(Object.entries(positions));
  }

  /** Lost scopes were named with the page, too; here is said what changed for a session that was live. */
  #tellRoles(roles: ReadonlyMap<string, Role>): void {
    const before = this.#roles;
    this.#roles = roles;
    if (before.size === 0) return;
    for (const scope of new Set([...before.keys(), ...roles.keys()])) {
      const role = roles.get(scope) ?? null;
      if (role !== (before.get(scope) ?? null)) this.#parts.send({ type: 'access', scope, role });
    }
  }

  async #enterRooms(roles: ReadonlyMap<string, Role>): Promise<void> {
    for (const [scope, room] of this.#rooms) {
      if (roles.has(scope)) continue;
      room.leave(this);
      this.#rooms.delete(scope);
      this.#positions.delete(scope);
    }
    const { tools, filter } = this.#parts;
    for (const scope of roles.keys())
      if (!this.#rooms.has(scope)) this.#rooms.set(scope, tools.rooms.enter(scope, filter, this));
    await Promise.all([...this.#rooms.values()].map((room) => (room.position === null ? room.ready : null)));
  }

  /** Nothing has happened since the last page was read, in any scope. */
  #isAligned(): boolean {
    for (const [scope, { position }] of this.#rooms)
      if ((position ?? 0) > (this.#positions.get(scope) ?? 0)) return false;
    return true;
  }

  /** Resolves when the socket has read most of what it was sent. */
  async #drained(): Promise<void> {
    const { socket } = this.#parts;
    while (socket.isOpen && socket.bufferedBytes > LIMITS.socketBehindBytesMax / 2)
      await new Promise((resolve) => setTimeout(resolve, LIMITS.socketDrainLookMs));
  }
}
