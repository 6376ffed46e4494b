import { expect, test } from 'vitest';
import { createStoryClock } from './story-clock.ts';

const NOW = Date.UTC(2024, 4, 9, 17, 23, 42);
const clock = createStoryClock(NOW, { day: 9, time: '20:00' });

test('the story ends now, and its days go back from there', () => {
  expect(clock.at(9, '20:00')).toBe(NOW);
  expect(clock.at(9, '20:00') - clock.at(8, '19:00')).toBe(25 * 3_600_000);
});

test('moments are told as days and times of the story', () => {
  expect(clock.label(clock.at(3, '14:05'))).toBe('day 3, 14:05');
  expect(clock.label(clock.at(1, '00:00'))).toBe('day 1, 00:00');
  expect(clock.clockTime(clock.at(5, '09:07') + 30_000)).toBe('09:07');
});
