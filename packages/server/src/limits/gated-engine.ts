/**
 * An engine that decides so many submissions at once: what is being decided takes ten times the memory of what was sent,
 * and thousands may come in the same moment. Those who wait take turns by tenant, or by user where there is none; where too many
 * wait, they are told to come again.
 */
import type { Engine } from '../engine/engine.ts';
import { busy } from './come-again.ts';
import { FairGate } from './fair-gate.ts';

export interface GateLimits {
  readonly atOnceMax: number;
  readonly waitingMax: number;
}

export function gateChanges(engine: Engine, { atOnceMax, waitingMax }: GateLimits): Engine {
  const gate = new FairGate(atOnceMax);
  return {
    ...engine,
    async submit(submission) {
      const { tenant, actor, changes } = submission;
      if (gate.waiting >= waitingMax) return busy(changes);
      return gate.pass(tenant ?? actor.userId, () => engine.submit(submission));
    },
  };
}
