import { expect, test } from 'vitest';
import { closeInOrder } from './close-in-order.ts';
import { createLogger } from './observe/logger.ts';

test('a step that fails or hangs is told, and does not keep the next ones from running, in their order', async () => {
  const ran: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'error',
    destination: {
      write(line: string) {
        lines.push(JSON.parse(line));
      },
    },
  });
  const step = (name: string, outcome: () => Promise<unknown>) => ({
    name,
    msMax: 50,
    run: () => {
      ran.push(name);
      return outcome();
    },
  });
  const steps = [
    step('in order', async () => {}),
    step('fails', () => Promise.reject(new Error('broken'))),
    step('hangs', () => new Promise(() => {})),
    step('last', async () => {}),
  ];
  await closeInOrder(steps, logger);
  expect(ran).toEqual(['in order', 'fails', 'hangs', 'last']);
  expect(lines).toMatchObject([
    { step: 'fails', err: { message: 'broken' } },
    { step: 'hangs', message: 'stopping takes too long' },
  ]);
});
