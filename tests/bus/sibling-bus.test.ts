/** The bus between processes of one server: whatever the way between them does, it neither waits nor throws. */
import { expect, test } from 'vitest';
import { createSiblingBus } from '../../packages/server/src/bus/sibling-bus.ts';
import { type Life, newLife } from '../support/redis-parts.ts';
import { until } from '../torture/support/conditions.ts';
import { announcement, busSuite } from './bus-suite.ts';

/** Ends of a wire that hands texts over a turn later. */
function wire(): readonly [End, End] {
  const listeners: ((text: string) => void)[] = [() => {}, () => {}];
  const end = (mine: number): End => ({
    tell(text) {
      setImmediate(() => listeners[1 - mine]?.(text));
      return true;
    },
    listen(listener) {
      listeners[mine] = listener;
    },
  });
  return [end(0), end(1)];
}

type End = Parameters<typeof createSiblingBus>[0]['siblings'];

const busOn = (siblings: End, store: Life, defects: unknown[] = []) =>
  createSiblingBus({ siblings, store, schema: 'abc', onDefect: (cause) => defects.push(cause) });

busSuite('the bus between workers', async () => {
  const [one, other] = wire();
  const life = newLife();
  return { ends: [busOn(one, life), busOn(other, life)], close: async () => {} };
});

test('a process on another life of the database is not listened to, and a listener that fails harms nobody', async () => {
  const [one, other] = wire();
  const life = newLife();
  const defects: unknown[] = [];
  const mine = busOn(one, life);
  const theirs = busOn(other, { ...life, epoch: 2 }, defects);
  const heard: string[] = [];
  theirs.subscribe(({ scope }) => heard.push(scope));
  mine.publish(announcement('trip:a', 1));
  const [third, fourth] = wire();
  const told = busOn(third, life);
  const hears = busOn(fourth, life, defects);
  hears.subscribe(() => {
    throw new Error('of a listener');
  });
  hears.subscribe(({ scope }) => heard.push(scope));
  told.publish(announcement('trip:b', 1));
  await until('it is heard', () => heard.length > 0);
  expect(heard).toEqual(['trip:b']);
  expect(defects).toMatchObject([{ message: 'of a listener' }]);
});
