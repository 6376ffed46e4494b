import { LIMITS } from '@ackord/core';
import { expect, test } from 'vitest';
import { Lanes } from './lanes.ts';
import type { Task, Unit } from './unit.ts';

const unitIn = (...scopes: string[]): Unit => ({
  tasks: [{} as Task],
  scopes: new Set(scopes),
  bytes: 1,
  alone: false,
  isRemembered: false,
  queuedAt: 0,
  skips: 0,
  replacings: 0,
  committedAt: 0,
  done: () => {},
});

test('a lane whose first unit has waited for too long takes no more; others are none the worse for it', () => {
  let now = 0;
  const lanes = new Lanes(() => now);
  lanes.add(unitIn('flooded'));
  now = LIMITS.laneWaitMsMax;
  lanes.add(unitIn('flooded'));
  expect(lanes.roomAfterMs(unitIn('flooded'))).toBe(0);
  now += 1;
  expect(lanes.roomAfterMs(unitIn('flooded'))).toBe(now);
  expect(lanes.roomAfterMs(unitIn('quiet'))).toBe(0);
  expect(lanes.roomAfterMs(unitIn('quiet', 'flooded'))).toBe(now);

  const batch = lanes.take({ mayWait: true });
  expect(batch).toHaveLength(2);
  expect(lanes.roomAfterMs(unitIn('flooded'))).toBe(0);
});

test('what was given back has waited since it first came', () => {
  let now = 0;
  const lanes = new Lanes(() => now);
  lanes.add(unitIn('a'));
  const [unit] = lanes.take({ mayWait: true }) ?? [];
  lanes.release(['a'], 0);
  now = LIMITS.laneWaitMsMax + 1;
  if (unit) lanes.giveBack(unit);
  expect(lanes.roomAfterMs(unitIn('a'))).toBe(now);
});

test('more than all lanes may hold together is sent away, however new it is', () => {
  const lanes = new Lanes(() => 0);
  const large = { ...unitIn('a'), tasks: new Array<Task>(LIMITS.queueChangesMax).fill({} as Task) };
  expect(lanes.roomAfterMs(large)).toBe(0);
  lanes.add(large);
  expect(lanes.roomAfterMs(unitIn('b'))).toBe(LIMITS.busyRetryMs);
});
