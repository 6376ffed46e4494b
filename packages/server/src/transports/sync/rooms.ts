/** All rooms of a server, opened when the first session comes and closed when the last one has left. */
import type { Engine } from '../../engine/engine.ts';
import { createFanOut } from '../websocket/fan-out.ts';
import { type FeedFilter, filterKey } from './feed-filter.ts';
import { type Guest, ScopeRoom } from './scope-room.ts';

export class Rooms {
  readonly #engine: Pick<Engine, 'follow'>;
  readonly #rooms = new Map<string, ScopeRoom>();
  readonly #fanOut = createFanOut();

  constructor(engine: Pick<Engine, 'follow'>) {
    this.#engine = engine;
  }

  get size(): number {
    return this.#rooms.size;
  }

  enter(scope: string, filter: FeedFilter, guest: Guest): ScopeRoom {
    const key = `${scope} ${filterKey(filter)}`;
    const room =
      this.#rooms.get(key) ??
      new ScopeRoom(scope, filter, {
        engine: this.#engine,
        fanOut: this.#fanOut,
        onEmpty: () => this.#rooms.delete(key),
      });
    this.#rooms.set(key, room);
    room.join(guest);
    return room;
  }
}
