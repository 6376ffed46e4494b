/** A run on the memory store: a clock that only the run moves, and interleavings that the plan decides. */
import { createMemoryStore } from '@ackord/server';
import { registry } from '../support/engine.ts';
import { checkPage } from './invariants/replicas.ts';
import type { Plan } from './steps.ts';
import type { Ground } from './world.ts';

const START = Date.parse('2026-06-01T12:00:00.000Z');
const TURN_MS_MAX = 40;

export function memoryGround(plan: Plan): Ground {
  const random = randomNumbers(plan.interleaving);
  let time = START;
  const now = (): number => (plan.clockStands ? time : ++time);
  /** A few turns of the event loop's fastest queue: whoever else is ready may go first. */
  const turn = async (): Promise<void> => {
    const passed = random(TURN_MS_MAX);
    if (!plan.clockStands) time += passed;
    for (let left = random(3); left > 0; left--) await null;
  };
  const store = createMemoryStore({ registry, now, turn });
  return {
    registry,
    store,
    readLogs: async (scopes) => new Map(scopes.map((scope) => [scope, store.log(scope)])),
    now,
    pause: async (ms) => {
      time += ms;
    },
    turn,
    run: '00000000',
    afterPage: checkPage,
  };
}

/** Whole numbers from 0 up to below a bound, the same for the same seed. */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed | 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % bound;
  };
}
