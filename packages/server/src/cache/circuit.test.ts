import { expect, test } from 'vitest';
import { createCircuit } from './circuit.ts';

test('rests after failures in a row, then one tries, and all when that went well', () => {
  let now = 0;
  const circuit = createCircuit({ failuresMax: 3, restMs: 100, clock: () => now });
  const asks = (count: number) => Array.from({ length: count }, () => circuit.mayAsk());
  for (const outcome of ['failed', 'failed', 'wentWell', 'failed', 'failed'] as const) circuit[outcome]();
  expect(asks(2)).toEqual([true, true]);
  expect(circuit.failed()).toBe(true);
  expect(asks(2)).toEqual([false, false]);
  now = 100;
  expect(asks(3)).toEqual([true, false, false]);
  circuit.failed();
  now = 199;
  expect(asks(1)).toEqual([false]);
  now = 200;
  expect(asks(1)).toEqual([true]);
  circuit.wentWell();
  expect(asks(3)).toEqual([true, true, true]);
});
