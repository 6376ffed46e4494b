/**
 * Row locks on scopes, as a database holds them: one holder at a time, the others queue in the order they came.
 * Promise: whoever takes a lock gets it exactly once, and `release` hands it to the next in line.
 */
export class ScopeLocks {
  /** A scope that is held, and who waits for it. */
  readonly #queues = new Map<string, (() => void)[]>();

  /** Takes the lock if nobody holds it. */
  tryTake(scope: string): boolean {
    if (this.#queues.has(scope)) return false;
    this.#queues.set(scope, []);
    return true;
  }

  /** Waits for the lock; false when it could not be had in time. */
  take(scope: string, waitMsMax: number): Promise<boolean> {
    if (this.tryTake(scope)) return Promise.resolve(true);
    const queue = this.#queues.get(scope) ?? [];
    return new Promise((resolve) => {
      const granted = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(granted), 1);
        resolve(false);
      }, waitMsMax);
      queue.push(granted);
    });
  }

  release(scope: string): void {
    const next = this.#queues.get(scope)?.shift();
    if (next) next();
    else this.#queues.delete(scope);
  }
}
