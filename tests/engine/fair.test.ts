/** One who sends much at once does not keep the others waiting until all of it is done. */
import { randomUUID } from 'node:crypto';
import { createMemoryStore } from '@ackord/server';
import { expect, test } from 'vitest';
import { change, deviceOf, registry, travelEngine } from '../support/engine.ts';

const CALLS = 40;
const CHANGES_PER_CALL = 200;

test('small changes overtake a flood in another scope, and the flood loses nothing', async () => {
  const engine = travelEngine(createMemoryStore({ registry }));
  const [busy, quiet] = [deviceOf(engine), deviceOf(engine)];
  const [busyTrip, quietTrip] = [randomUUID(), randomUUID()];
  await busy.send(change.trip(busyTrip));
  await quiet.send(change.trip(quietTrip));
  let callsDone = 0;
  const flooding = Array.from({ length: CALLS }, async () => {
    const memories = Array.from({ length: CHANGES_PER_CALL }, () => change.memory(randomUUID(), busyTrip));
    const receipts = await busy.send(...memories);
    callsDone++;
    return receipts;
  });
  for (let turn = 0; turn < 5; turn++) {
    const [receipt] = await quiet.send(change.memory(randomUUID(), quietTrip));
    expect(receipt?.status).toBe('applied');
  }
  expect(callsDone).toBeLessThan(CALLS / 2);
  const receipts = (await Promise.all(flooding)).flat();
  expect(receipts.filter(({ status }) => status === 'applied')).toHaveLength(CALLS * CHANGES_PER_CALL);
  await engine.stop();
});
