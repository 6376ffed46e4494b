/**
 * Who was seen to have a role where, a moment ago: enough for a first guess, since every change is authorized once more on
 * the locked rows. Only ever says yes; whoever is not known is looked up.
 */
import { LIMITS } from '@ackord/core';

export class KnownRoles {
  readonly #until = new Map<string, number>();
  readonly #clock: () => number;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  note(actor: string, scope: string): void {
    const key = `${actor} ${scope}`;
    this.#until.delete(key);
    this.#until.set(key, this.#clock() + LIMITS.roleKnownMs);
    if (this.#until.size <= LIMITS.rolesKnownMax) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      return;
    }
  }

  has(actor: string, scope: string): boolean {
    return (this.#until.get(`${actor} ${scope}`) ?? 0) > this.#clock();
  }
}
