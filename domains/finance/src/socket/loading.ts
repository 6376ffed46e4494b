/** Everything for an app that has just connected, from one moment on, and what has happened since that moment. */
import type { Listener, SessionParts } from './catch-up.ts';

export interface LoadingParts {
  readonly parts: SessionParts;
  readonly listener: Listener;
  /** A load was sent, of so many records. */
  readonly onLoaded: (records: number, milliseconds: number) => void;
}

export class Loading {
  readonly #parts: LoadingParts;
  #last: Promise<unknown> = Promise.resolve();
  #isFirst = true;

  constructor(parts: LoadingParts) {
    this.#parts = parts;
  }

  /** One after the other, or each would take the other's position for its own. */
  load(): Promise<void> {
    const mine = this.#last.then(() => this.#loadNow());
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #loadNow(): Promise<void> {
    const { listener } = this.#parts;
    listener.isLoading = true;
    const before = listener.position;
    listener.position = null;
    try {
      await this.#send(before);
    } catch (cause) {
      listener.position ??= before;
      throw cause;
    } finally {
      listener.isLoading = false;
    }
  }

  async #send(before: number | null): Promise<void> {
    const { parts, listener, onLoaded } = this.#parts;
    const { tools, socket, actor, room } = parts;
    const startedAt = tools.clock();
    const result = await tools.firstLoads.of(actor, room.tenantId);
    if (!result.ok) return parts.lookAtAccess();
    const { head, frames, records } = result.load;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    socket.together(() => {
      for (const frame of isFirst ? frames : frames.slice(0, 1)) socket.send(frame);
    });
    if (isFirst) listener.given.sentAll(head);
    onLoaded(records, tools.clock() - startedAt);
    // The app takes no more than the first load of a socket, and of that nothing that it is about to delete.
    await listener.catchUp(Math.min(before ?? head, head), isFirst ? head : 0);
  }
}
